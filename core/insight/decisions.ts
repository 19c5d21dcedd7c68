import type { Sentence } from './sentences.ts';

const decided =
  /\b(?:(?:we|the (?:committee|board|council|senate|team|group))(?:'ve| have| has| all)? (?:just |now |already )?(?:decided|agreed|concluded|settled on|chose|chosen|approved|voted (?:to|for|against))|(?:it's|it is|that's|has been|is) (?:decided|agreed|settled|approved)|we(?:'ll| will|'re going to| are going to|'re gonna) (?:go (?:with|ahead|for)|stick (?:with|to)|stay with|use .{1,40} instead)|we(?:'re| are) going with|let's (?:go (?:with|ahead|for)|stick (?:with|to)|stay with|agree)|(?:the|our|my|final) decision (?:is|was)|the decision has been)\b|^(?:decision|decided|agreed)\b\s*[:,-]/i;
const undecided =
  /\b(?:haven't|have not|hasn't|not yet|didn't|did not|wasn't|not|never|if we|once we|before we|until we|unless|whether)\b/i;

export const isDecision = ({ text, words }: Sentence): boolean =>
  words.length >= 4 && words.length <= 60 && !text.endsWith('?') && decided.test(text) && !undecided.test(text);
