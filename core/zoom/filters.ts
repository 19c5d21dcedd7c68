import * as z from 'zod';

/*
 * Which recordings, and which of their files, are wanted: lists of patterns, separated by commas. `*` stands for any
 * text, a `!` in front excludes. Without a pattern that includes, everything is included; what is excluded stays out
 * whatever includes it.
 */

type Pattern = { readonly shown: string; readonly place: number; readonly matches: (text: string) => boolean };
export type Patterns = { readonly only: readonly Pattern[]; readonly never: readonly Pattern[] };

/** All three lists together stay below the 4 KB that a function's environment may hold. */
const mostBytes = 800;

export const isFiltering = ({ only, never }: Patterns): boolean => only.length > 0 || never.length > 0;

const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** No backtracking: each piece between two stars is found once, from left to right. */
export const glob = (pattern: string): ((text: string) => boolean) => {
  const [first = '', ...others] = folded(pattern).split('*');
  const last = others.pop();
  return (given) => {
    const text = folded(given);
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= text.length - last.length;
  };
};

const entriesOf = (text: string): string[] => text.split(',').map((entry) => entry.trim());

/** What a packaging says against a list of patterns; nothing, where it is right. */
export const complaintAboutPatterns = (text: string): string | undefined => {
  if (text.trim() === '') return undefined;
  if (Buffer.byteLength(text) > mostBytes) return `it is longer than ${mostBytes} bytes of UTF-8`;
  if (/\p{Cc}/u.test(text)) return 'it holds control characters';
  if (entriesOf(text).some((entry) => /^!?\s*$/.test(entry)))
    return 'there is nothing between two commas, or behind a !';
  if (entriesOf(text).some((entry) => /^!\s*!/.test(entry))) return 'one ! is enough';
  return undefined;
};

const readPatterns = (text: string, toGlob: (entry: string) => string): Patterns => {
  const entries = text.trim() === '' ? [] : entriesOf(text);
  const patterns = entries.map((shown, index) => {
    const bare = shown.replace(/^!\s*/, '');
    return { shown, place: index + 1, matches: glob(toGlob(bare)) };
  });
  return {
    only: patterns.filter(({ shown }) => !shown.startsWith('!')),
    never: patterns.filter(({ shown }) => shown.startsWith('!')),
  };
};

const patternsSetting = (toGlob: (entry: string) => string) =>
  z
    .string()
    .default('')
    .transform((text, context): Patterns => {
      const complaint = complaintAboutPatterns(text);
      if (complaint === undefined) return readPatterns(text, toGlob);
      context.addIssue({ code: 'custom', message: complaint });
      return z.NEVER;
    });

/** `example.org` alone means everybody there; `*` alone also whom Zoom does not name. */
const hostGlob = (entry: string): string => (entry.includes('@') || entry === '*' ? entry : `*@${entry}`);

export const wantedFilesConfig = { wantedFiles: patternsSetting((entry) => entry) };
export const wantedConfig = {
  ...wantedFilesConfig,
  wantedHosts: patternsSetting(hostGlob),
  wantedTopics: patternsSetting((entry) => entry),
};

/** Why something is left out: a pattern that excludes it, or that none includes it. */
type Verdict = { readonly by: Pattern | undefined };

const judge = ({ only, never }: Patterns, texts: readonly string[]): Verdict | undefined => {
  const by = never.find((pattern) => texts.some(pattern.matches));
  if (by) return { by };
  if (only.length === 0 || only.some((pattern) => texts.some(pattern.matches))) return undefined;
  return { by: undefined };
};

/** A rule for one person names that person, and the row of a job must not. */
const isPersonal = (shown: string): boolean => /[^!*\s][^@]*@/.test(shown);

const because = (what: string, setting: string, verdict: Verdict): string => {
  if (!verdict.by) return `${what} fits no pattern that ${setting} includes`;
  const { shown, place } = verdict.by;
  return `${what} fits ${isPersonal(shown) ? `pattern ${place}` : `"${shown}"`} of ${setting}`;
};

export type WantedMeeting = { readonly topic?: string | undefined; readonly host?: string | undefined };

/** Why nothing of a recording is wanted, as the end of a sentence that begins with "because". */
export const whyUnwanted = (
  { topic, host }: WantedMeeting,
  rules: { readonly wantedTopics: Patterns; readonly wantedHosts: Patterns },
): string | undefined => {
  const ofTopic = judge(rules.wantedTopics, [topic ?? '']);
  if (ofTopic) return because(topic ? 'its topic' : 'its empty topic', 'wantedTopics', ofTopic);
  const ofHost = judge(rules.wantedHosts, [host ?? '']);
  return ofHost && because(host ? 'its host' : 'its host, whose address Zoom does not tell,', 'wantedHosts', ofHost);
};

export type WantedFile = {
  readonly fileType: string;
  readonly recordingType?: string | undefined;
  readonly view: string;
};

/** Why one file is not wanted. Patterns speak of Zoom's file_type, of its recording_type, or of the view in our names. */
export const whyFileUnwanted = (file: WantedFile, wantedFiles: Patterns): string | undefined => {
  const verdict = judge(wantedFiles, [file.fileType, file.recordingType ?? '', file.view]);
  return verdict && because(`${file.view} (${file.fileType || 'no type'})`, 'wantedFiles', verdict);
};
