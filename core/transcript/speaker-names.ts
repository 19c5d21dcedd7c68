import type { Cue } from './read-cues.ts';

/** Zoom writes `Name: text`. These are the rules that tell a name from a sentence with a colon in it. */

const longestName = 64;
/** Zoom puts a name before every cue; a file in which so many have one is of that kind. */
const shareOfNamed = 0.9;

/** Splits at the first colon that ends a word. The first part may be a name, or the start of a sentence. */
export const splitName = (line: string): { name: string; rest: string } | undefined => {
  const found = line.endsWith(':') && line.indexOf(': ') === -1 ? line.length - 1 : line.indexOf(': ');
  // Zoom leaves no space between a name and its colon.
  if (found < 1 || found > longestName || line[found - 1]?.trim() === '') return undefined;
  const name = line.slice(0, found).trim();
  return name && couldBeName(name) ? { name, rest: line.slice(found + 1).trim() } : undefined;
};

/** "Dr. Ada", "J. Smith, PhD" and "ada.l" are names; "Wait. The plan" and "Why? Because" are not. */
const couldBeName = (name: string): boolean =>
  !/[?!;。？！…]/.test(name) && !/[^\s.]{4}\.(?:\s|$)|\.\./.test(name) && !/https?$/i.test(name);

/** Starts as names are written (a capital, a digit, or a script without capitals) and is short. */
const looksLikeName = (name: string): boolean =>
  /^[\p{Lu}\p{Lo}\p{N}]/u.test(name) && !name.includes(',') && name.split(' ').length <= 5;

/** Which of the prefixes in these cues are names: known participants, and what stands before several cues. */
export const namesIn = (cues: readonly Cue[], participants: readonly string[]): ((name: string) => boolean) => {
  const seen = new Map<string, number>();
  let named = 0;
  for (const { lines } of cues) {
    const names = lines.flatMap((line) => splitName(line)?.name ?? []);
    if (lines[0] !== undefined && splitName(lines[0])) named += 1;
    for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  const known = new Set(participants);
  const zoomNamed = cues.length > 1 && named >= cues.length * shareOfNamed;
  return (name) => known.has(name) || (seen.get(name) ?? 0) > 1 || (zoomNamed && looksLikeName(name));
};
