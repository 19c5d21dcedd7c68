import { deedAfter } from './deeds.ts';
import { dueOf } from './due.ts';
import { readGrammar } from './grammar.ts';
import { findName } from './people.ts';
import type { Sentence } from './sentences.ts';
import { isSmallTalk } from './tidy.ts';

/** Something that somebody took on, was asked to do, or has to do. */
export type Action = { kind: 'action' | 'follow-up'; assignee?: string; with?: string; due?: string };

/** Work that a meeting hands out. Without such a verb "I'll be honest" would be a task. */
const work =
  `(?:add|adjust|analy[sz]e|announce|approve|arrange|ask|assign|book|bring|build|buy|call|cancel|change|check|
  clarify|clean|close|collect|compare|complete|confirm|contact|coordinate|copy|correct|create|cut|define|deliver|deploy|
  design|discuss|distribute|document|download|draft|edit|e-?mail|ensure|escalate|estimate|evaluate|examine|explore|
  extend|file|fill|finali[sz]e|find|finish|fix|follow up|follow-up|forward|gather|get back|get in touch|hand|hire|
  implement|improve|include|increase|inform|install|introduce|investigate|invite|join|launch|let|look (?:at|into|up)|make
  sure|measure|meet|merge|message|migrate|monitor|move|notify|open|order|organi[sz]e|outline|pay|pick|ping|plan|post|
  prepare|present|print|procure|propose|provide|publish|pull|purchase|push|put|reach out|read|record|recruit|reduce|
  refactor|register|release|remind|remove|rename|renew|replace|reply|report|request|research|reserve|resolve|respond|
  review|revise|rewrite|roll|run|schedule|scope|search|send|set up|set|settle|share|ship|sign|sort|speak|submit|
  summari[sz]e|sync|take care|take|talk|test|tidy|track|train|translate|try|turn|update|upgrade|upload|validate|verify|
  visit|work|write)`.replace(/\s*\n\s*/g, '');

const between =
  '(?:(?:also|then|just|definitely|probably|try to|go ahead and|make sure to|please|quickly|personally) )*';
const must = "(?:needs? to|has to|have to|must|should|is going to|are going to|will|'ll)";

const commitment = new RegExp(
  `\\b(?:i'll|i will|i am going to|i'm going to|i'm gonna|i need to|i have to|i can|i must|i should) ${between}(${work})\\b|\\blet me (ask|check|confirm|find|follow up|get back|look into)\\b`,
  'i',
);
const shared = new RegExp(
  `\\b(?:we'll|we will|we need to|we have to|we must|we should|we're going to|we are going to|somebody|someone) ?(?:${must} )?${between}(${work})\\b|\\blet's (ask|book|call|follow up|invite|meet|schedule|send|set up)\\b`,
  'i',
);
const request = new RegExp(
  `\\b(?:can|could|would|will) you ${between}(${work})\\b|^(?:[\\p{L}' -]{1,40}, )?please ${between}(${work})\\b`,
  'iu',
);
const duty = new RegExp(`^(?:[^,]{1,40}, )?([\\p{L}'’.-]+(?: [\\p{L}'’.-]+)?) ?${must} ${between}(${work})\\b`, 'iu');
const someone = new RegExp(`^(?:[^,]{1,40}, )?([\\p{L}'’.-]+(?: [\\p{L}'’.-]+)?) ?${must} `, 'iu');
/** What binds somebody, before a deed that is in no list. */
const binds = {
  own: /\b(?:i(?:'ll| will| am going to|'m going to|'m gonna| need to| have to| can| must| should)|let me|my (?:next step|job|task|homework) is to) /i,
  shared:
    /\b(?:we(?:'ll| will| need to| have to| must| should|'re going to| are going to)|(?:somebody|someone|the (?:[a-z]+ )?(?:team|group|office|department|staff|vendor)) (?:needs? to|ha(?:s|ve) to|must|should)) /i,
  request: /\b(?:(?:can|could|would|will) you(?: mind)? |please )/i,
  told: /\byou (?:should|must|need to|have to) /i,
};
/** Not a verb of work, but with a date it is one. */
const needed = /\b(?:i|we)(?:'ll| will|'d| would)? (?:also )?(?:need|want) \S/i;
const announced = /^(?:action items?|to-?do|ai)\b\s*[:,-]\s*\S/i;

/** What might be, was, or is not to be done. */
const unreal =
  /^if\b|\b(?:don't|do not|doesn't|won't|will not|can't|cannot|not going to|shouldn't|should not|didn't|never|always|would have|could have|should have|used to)\b/i;
/** Polite talk in the form of a task. */
const polite =
  /\b(?:take (?:a look|that|it) (?:offline|from here|away)|(?:share|stop sharing) (?:my|your|the|a) screen|turn (?:on|off) (?:my|your)|put (?:it|that|myself|yourself) on mute|repeat|say that again|let you (?:go|finish|continue))\b/i;
const contact =
  /^(?:book|call|contact|e-?mail|follow[ -]up|get back|get in touch|invite|meet|message|ping|reach out|schedule|speak|sync|talk)$/i;
const yes =
  /^(?:sure|yes|yeah|yep|ok|okay|of course|will do|absolutely|no problem|i will|i'll|i can|happy to|done|definitely)\b/i;

/** `next` answers a request: who says yes to it takes it on. */
export const actionOf = (
  sentence: Sentence,
  next: Sentence | undefined,
  people: readonly string[],
): Action | undefined => {
  const { text, speaker } = sentence;
  if (
    sentence.words.length < 4 ||
    sentence.words.length > 60 ||
    unreal.test(text) ||
    polite.test(text) ||
    isSmallTalk(text)
  )
    return undefined;
  const found = match(text, speaker, next, people);
  if (!found) return undefined;
  const { verb, assignee } = found;
  const due = dueOf(text);
  const isContact = verb !== undefined && contact.test(verb);
  const other = isContact ? findName(text, people, assignee) : undefined;
  return {
    kind: isContact ? 'follow-up' : 'action',
    ...(assignee && { assignee }),
    ...(other && { with: other }),
    ...(due && { due }),
  };
};

type Match = { verb: string | undefined; assignee: string | undefined };

const match = (
  text: string,
  speaker: string | undefined,
  next: Sentence | undefined,
  people: readonly string[],
): Match | undefined => {
  const asked = request.exec(text);
  const isAsked = /\b(?:can|could|would|will|please)\b/i;
  const accepted = next && next.speaker !== speaker && yes.test(next.text) ? next.speaker : undefined;
  const askedOf = () => findName(text.split(isAsked)[0] ?? '', people) ?? accepted;
  if (asked) return { verb: asked[1] ?? asked[2], assignee: askedOf() };
  const verbAfter = (opening: RegExp): string | undefined => {
    const found = opening.exec(text);
    return found ? deedAfter(readGrammar(text), found.index + found[0].length) : undefined;
  };
  const requested = verbAfter(binds.request);
  if (requested) return { verb: requested, assignee: askedOf() };
  if (text.endsWith('?')) return undefined;
  const own = commitment.exec(text);
  if (own) return { verb: own[1] ?? own[2], assignee: speaker };
  const named = duty.exec(text);
  const who = named?.[1] && findName(named[1], people);
  if (who) return { verb: named?.[2], assignee: who };
  const ours = shared.exec(text);
  if (ours) return { verb: ours[1] ?? ours[2], assignee: undefined };

  const owned = verbAfter(binds.own);
  if (owned) return { verb: owned, assignee: speaker };
  const bound = someone.exec(text);
  const whom = bound?.[1] && findName(bound[1], people);
  const theirs = whom && deedAfter(readGrammar(text), bound[0].length);
  if (theirs) return { verb: theirs, assignee: whom };
  const told = verbAfter(binds.told);
  const addressed = findName(text, people, speaker);
  if (told && addressed) return { verb: told, assignee: addressed };
  const general = verbAfter(binds.shared);
  if (general) return { verb: general, assignee: undefined };
  if (needed.test(text) && dueOf(text)) return { verb: undefined, assignee: undefined };
  return announced.test(text) ? { verb: undefined, assignee: findName(text, people) } : undefined;
};
