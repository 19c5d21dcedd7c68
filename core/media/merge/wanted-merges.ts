import type { JobFile } from '../../job/job.ts';

export type MergeInput = { readonly fileId: string; readonly key: string };
export type WantedMerge = {
  readonly name: string;
  readonly kind: 'audio' | 'view';
  readonly inputs: readonly MergeInput[];
};

/** The tracks of single people; all else is a view of the meeting as a whole. */
export const participantViews = new Set(['participant_audio', 'audio_only_each_participant']);
export const participantsName = 'participants';

const mergeable = new Set(['mp4', 'm4a']);

/**
 * What the files of a recording are merged into: the people's tracks into one sound, and the segments of each view
 * into one file. A view with two files of one segment, such as interpretation into several languages, is not one
 * thing after another, and is left as it is.
 */
export const wantedMerges = (files: readonly JobFile[]): WantedMerge[] => {
  const usable = files
    .filter(({ status, extension }) => status === 'archived' && mergeable.has(extension))
    .sort((a, b) => compare(startOf(a), startOf(b)) || compare(a.fileId, b.fileId));
  const tracks = usable.filter(({ view }) => participantViews.has(view));
  const views = new Map<string, JobFile[]>();
  for (const file of usable.filter(({ view }) => !participantViews.has(view)))
    views.set(`${file.view}.${file.extension}`, [...(views.get(`${file.view}.${file.extension}`) ?? []), file]);

  return [
    ...(tracks.length > 0 ? [{ name: participantsName, kind: 'audio' as const, inputs: tracks.map(inputOf) }] : []),
    ...[...views]
      .filter(([, pieces]) => pieces.length > 1 && new Set(pieces.map(startOf)).size === pieces.length)
      .map(([name, pieces]) => ({ name, kind: 'view' as const, inputs: pieces.map(inputOf) }))
      .sort((a, b) => compare(a.name, b.name)),
  ];
};

const inputOf = ({ fileId, key }: JobFile): MergeInput => ({ fileId, key });

/** As moments: two messages may write one differently. */
const startOf = ({ recordingStart }: JobFile): number => Date.parse(recordingStart) || 0;

const compare = <Value extends string | number>(a: Value, b: Value): number => (a < b ? -1 : Number(a > b));

/** Where the time of the whole recording begins: with the first of all its files. */
export const firstStart = (files: readonly JobFile[]): number => {
  const starts = files.map(({ recordingStart }) => Date.parse(recordingStart)).filter(Number.isFinite);
  return starts.length > 0 ? starts.reduce((a, b) => Math.min(a, b)) : 0;
};

const titleOf = ({ kind, name }: Pick<WantedMerge, 'kind' | 'name'>): string =>
  kind === 'audio' ? 'The merged sound of the participants' : `The joined ${name}`;

/** For a person. What was made before files came that belong to it is still there. */
export const whyNotMade = (
  merge: Pick<WantedMerge, 'kind' | 'name'> & { readonly outputs: readonly string[] },
  because: string,
): string =>
  merge.outputs.length === 0
    ? `${titleOf(merge)} could not be made: ${because}.`
    : `${titleOf(merge)} could not be made anew: ${because}. The one of fewer files stays.`;
