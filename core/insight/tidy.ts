/** Makes a sentence that was spoken fit to be read alone. Only ever leaves words out; never changes one. */

/** Words that open a sentence in speech and carry nothing. */
const openers =
  /^(?:(?:so|okay|ok|yeah|yes|yep|right|alright|all right|well|and|but|um|uh|er|hmm|now|also|anyway|actually|basically|you know|i mean|i think|i guess|like|sure|great|perfect|cool|good|no)(?:,|\.|…|\s*[-–—])\s+|(?:so|and|um|uh|er|(?:ok|okay)(?=\s+so\b))\s+)/i;
const hesitations = /(?:,\s*|\s+)(?:um+|uh+|er|erm|hmm)(?=[\s,.?!]|$),?/gi;

export const tidy = (text: string): string => {
  let clean = text.slice(0, 2_000).replace(hesitations, '').trim();
  for (let times = 0; times < 4; times++) {
    const shorter = clean.replace(openers, '');
    if (shorter === clean || shorter === '') break;
    clean = shorter;
  }
  return clean.charAt(0).toUpperCase() + clean.slice(1);
};

/** Talk about the meeting itself: audio, screens, greetings. */
const aboutTheCall =
  /\b(?:can (?:you|everyone|everybody|anyone) (?:hear|see)|(?:you're|you are|i'm|i am|was) (?:on mute|muted)|unmute|mute yourself|share (?:my|your|the) screen|sharing (?:my|your|the) screen|see my screen|next slide|hear me|my (?:camera|mic|microphone)|good (?:morning|afternoon|evening)|how are you|nice to (?:see|meet) you|thank you|thanks|bye|see you|welcome|recording (?:is|has|started)|let's (?:get started|wait|start|begin)|have a (?:good|great|nice)|sounds good|any (?:other |more )?questions|move on|go ahead)\b/i;

export const isSmallTalk = (text: string): boolean => aboutTheCall.test(text);

/** Ends as a sentence does. */
export const isWhole = (text: string): boolean =>
  /[.!?。！？؟।…]["'”’)»]?$/.test(text) && !/(?:\.\.\.|…|[-–—,])$/.test(text);

/** Needs the sentence before it to be understood. */
export const leansBack = (text: string): boolean =>
  /^(?:it|that|this|they|he|she|these|those|there|because|which|then|or|if so|same|exactly|me|him|her|them)\b/i.test(
    text,
  );
