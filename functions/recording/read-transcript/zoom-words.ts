import type { JobFile } from '../../../core/job/job.ts';
import { nameIn } from '../../../core/media/merge/speakers.ts';
import { firstStart, participantViews } from '../../../core/media/merge/wanted-merges.ts';
import { readCues, type Cue } from '../../../core/transcript/read-cues.ts';
import { toTranscript } from '../../../core/transcript/read-zoom-vtt.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';

type Objects = { readonly read: (key: string) => Promise<string | undefined> };

export type ZoomWords = {
  readonly transcript?: Transcript;
  /** Why there are none, or not all of them. */
  readonly reason?: string;
};

/** A day of speech is about 2 MB; what is far larger is no transcript. */
const largestVttBytes = 10_000_000;

/** Zoom's transcript names the speakers; its closed captions are what somebody typed or switched on. */
const fileTypes = ['TRANSCRIPT', 'CC'];

/** Each of them stops being true when words come after all. */
export const noWordsReasons = {
  none: 'Zoom delivered no transcript for this recording.',
  skipped: "Zoom's transcript is left out by a setting.",
  notArchived: "Zoom's transcript could not be archived.",
  noWords: "Zoom's transcript holds no words that could be read.",
  tooLarge: `Zoom's transcript is larger than ${largestVttBytes / 1_000_000} MB and was archived, but not read.`,
} as const;
const part = 'A part of this recording has no transcript.';

export const isZoomTranscript = ({ fileType }: JobFile): boolean => fileType.toUpperCase() === 'TRANSCRIPT';

/** What Zoom itself recognised: the best file of each segment, its times counted from the start of the whole recording. */
export const zoomWords = async (files: readonly JobFile[], objects: Objects): Promise<ZoomWords> => {
  const candidates = files
    .filter((file) => fileTypes.includes(file.fileType.toUpperCase()))
    .sort((a, b) => rank(a) - rank(b) || (a.fileId < b.fileId ? -1 : 1));
  if (candidates.length === 0) return { reason: noWordsReasons.none };

  const start = firstStart(files);
  const cues: Cue[] = [];
  let unread = 0;
  for (const segment of new Set(candidates.map(({ recordingStart }) => recordingStart))) {
    const ofSegment = candidates.filter(({ recordingStart }) => recordingStart === segment);
    const found = await readBest(ofSegment, start, objects);
    if (found.length === 0) unread += 1;
    for (const cue of found) cues.push(cue);
  }
  if (cues.length === 0) return { reason: whyNone(candidates) };
  return { transcript: toTranscript(cues, participantsOf(files)), ...(unread > 0 && { reason: part }) };
};

/** Where Zoom recorded people apart, it says by these files who was there. */
const participantsOf = (files: readonly JobFile[]): string[] => [
  ...new Set(files.filter(({ view }) => participantViews.has(view)).flatMap(({ fileName }) => nameIn(fileName) ?? [])),
];

const readBest = async (files: readonly JobFile[], start: number, objects: Objects): Promise<Cue[]> => {
  for (const file of files) {
    if (file.status !== 'archived' || isTooLarge(file)) continue;
    const cues = readCues((await objects.read(file.key)) ?? '', offset(file, start));
    if (cues.length > 0) return cues;
  }
  return [];
};

const isTooLarge = ({ receivedBytes = 0 }: JobFile): boolean => receivedBytes > largestVttBytes;

const whyNone = (files: readonly JobFile[]): string => {
  if (files.every(({ status }) => status === 'skipped')) return noWordsReasons.skipped;
  if (files.every(({ status }) => status !== 'archived')) return noWordsReasons.notArchived;
  if (files.some((file) => file.status === 'archived' && !isTooLarge(file))) return noWordsReasons.noWords;
  return noWordsReasons.tooLarge;
};

const rank = (file: JobFile): number => fileTypes.indexOf(file.fileType.toUpperCase());

const offset = ({ recordingStart }: JobFile, start: number): number => {
  const difference = Date.parse(recordingStart) - start;
  return Number.isFinite(difference) ? difference : 0;
};
