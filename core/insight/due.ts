/** When something is to be done, in the words that were said. */

const weekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
const month = '(?:january|february|march|april|may|june|july|august|september|october|november|december)';
const number = '(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\\d{1,3})';
const day = '\\d{1,2}(?:st|nd|rd|th)?';
const when = [
  `end of (?:the |this |next )?(?:day|week|month|quarter|year|${weekday}|${month})`,
  '(?:eod|eow|close of business|cob|noon|midnight|q[1-4])',
  '(?:the |this |next |coming )*weekend',
  `(?:this |next |coming |early |late )*${weekday}(?:,? (?:the )?${month} ${day})?(?: (?:morning|afternoon|evening|night|noon))?`,
  '(?:this|next) (?:week|month|quarter|year|morning|afternoon|evening|sprint|meeting)',
  '(?:today|tomorrow|tonight)(?: (?:morning|afternoon|evening|night|noon))?',
  `in ${number} (?:hours?|days?|weeks?|months?)`,
  `${month} (?:the )?${day}`,
  `(?:the )?${day} (?:of )?${month}`,
  'the \\d{1,2}(?:st|nd|rd|th)',
  '\\d{4}-\\d{2}-\\d{2}',
].join('|');

const phrase = new RegExp(`\\b(?:(by|before|until|till|on|at|over)\\s+(?:the\\s+(?=end))?)?(${when})\\b`, 'i');

/** "by Friday" gives "Friday", "before Friday" stays. */
export const dueOf = (text: string): string | undefined => {
  const found = phrase.exec(text);
  if (!found?.[2]) return undefined;
  return found[1]?.toLowerCase() === 'before' ? `before ${found[2]}` : found[2];
};
