import type { Segment, Transcript } from '../../transcript/transcript.ts';
import { speakerNames } from '../../transcript/transcript.ts';
import { plain } from '../plain.ts';

/** Of a model's window of 200,000 tokens: room for the instructions, the answer, and for tokens that are shorter than thought. */
export const mostTokens = 100_000;
/** What two parts have in common, so that nothing is lost between them. */
const overlapTokens = 3_000;
/** Forty hours of talk. What is beyond is not summarised. */
const mostChunks = 8;

/** About four letters of Latin script are a token, and a letter of others. On the safe side for every model that is known. */
const tokensOf = (text: string): number => {
  let others = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x24f) others += 1;
  return Math.ceil((text.length - others) / 3.5 + others) + 2;
};

/** A caption as the model reads it. What could look like a tag of ours cannot. */
const lineOf = (segment: Segment, names: ReadonlyMap<string, string>): string => {
  const name = segment.speaker && names.get(segment.speaker);
  return `[${segment.id}] ${name ? `${withoutTags(plain(name, 100))}: ` : ''}${withoutTags(plain(segment.text, 5_000))}`;
};

export const withoutTags = (text: string): string => text.replace(/</g, '‹').replace(/>/g, '›');

/** The transcript in lines, in parts that fit and overlap. */
export const chunksOf = (transcript: Transcript, most = mostTokens): string[] => {
  const names = speakerNames(transcript);
  const lines = transcript.segments.map((segment) => lineOf(segment, names));
  const sizes = lines.map(tokensOf);
  const chunks: string[] = [];
  let from = 0;
  while (from < lines.length && chunks.length < mostChunks) {
    let to = from;
    let size = 0;
    // One line at least, or it would never end.
    while (to < lines.length && (to === from || size + (sizes[to] ?? 0) <= most)) size += sizes[to++] ?? 0;
    chunks.push(lines.slice(from, to).join('\n'));
    if (to >= lines.length) break;
    let back = to;
    let shared = 0;
    while (back > from + 1 && shared + (sizes[back - 1] ?? 0) <= Math.min(overlapTokens, most / 4))
      shared += sizes[--back] ?? 0;
    from = back;
  }
  return chunks;
};
