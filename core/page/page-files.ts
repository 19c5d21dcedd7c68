import type { JobFile } from '../job/job.ts';
import type { JobMerge } from '../job/merge-rows.ts';
import { digest, transcriptKeysOf } from '../keys.ts';
import { firstStart, participantViews } from '../media/merge/wanted-merges.ts';
import { nameIn } from '../media/merge/speakers.ts';
import { classOf } from '../zoom/file-types.ts';
import type { PageFile, View } from './recording-page.ts';

/** Something in the archive that the page may hand out. Nothing else in the bucket can be named. */
export type Offered = Omit<PageFile, 'bytes'> & { readonly key: string };

const extensionOf = (key: string): string => /\.([a-z0-9]{1,8})$/i.exec(key)?.[1]?.toLowerCase() ?? '';
const kindOf = (extension: string): PageFile['kind'] | undefined => {
  if (extension === 'mp4') return 'film';
  return extension === 'm4a' || extension === 'flac' ? 'sound' : undefined;
};

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
const labelOfView = (view: string): string => sentence(view.replaceAll('_', ' ').trim() || 'recording');

/** Zoom's ids may hold anything; a digest is safe in a path and says nothing. */
const nameOf = (fileId: string): string => digest(fileId).slice(0, 16);

const labelOfFile = (file: JobFile): string => {
  const who = participantViews.has(file.view) ? nameIn(file.fileName) : undefined;
  const label = who ? `Sound of ${who}` : labelOfView(file.view);
  return file.segment > 0 ? `${label}, part ${file.segment + 1}` : label;
};

const zoomFile = (file: JobFile): Offered => {
  const spoken = classOf(file.fileType) === 'transcript' ? 'words' : 'other';
  const { key, extension } = file;
  return { name: nameOf(file.fileId), label: labelOfFile(file), extension, kind: kindOf(extension) ?? spoken, key };
};

const wordLabels = {
  json: 'Transcript as data',
  vtt: 'Captions',
  srt: 'Captions',
  text: 'Transcript',
  html: 'Transcript',
};

const madeWords = (folder: string): Offered[] =>
  Object.entries(transcriptKeysOf(folder)).map(([form, key]) => ({
    name: key.slice(folder.length),
    label: wordLabels[form as keyof typeof wordLabels],
    extension: extensionOf(key),
    kind: 'words',
    key,
  }));

const labelOfProduct = (name: string): string => {
  if (name === 'mixed.m4a') return 'All voices';
  if (name.startsWith('speakers'))
    return extensionOf(name) === 'flac' ? 'A channel for each voice' : 'Who is in which channel';
  return `${labelOfView(name.replace(/^joined-/, '').replace(/\.[^.]+$/, ''))}, in one`;
};

const products = (merges: readonly JobMerge[], folder: string): Offered[] =>
  merges
    .filter(({ status }) => status === 'done')
    .flatMap(({ outputs }) => outputs)
    .filter((key) => key.startsWith(folder))
    .map((key) => {
      const name = key.slice(folder.length);
      const extension = extensionOf(key);
      return { name, label: labelOfProduct(name), extension, kind: kindOf(extension) ?? 'other', key };
    });

const order: readonly PageFile['kind'][] = ['film', 'sound', 'words', 'other'];

/** All that was archived of a recording and made from it: films first. */
export const offeredFiles = (folder: string, files: readonly JobFile[], merges: readonly JobMerge[]): Offered[] =>
  [
    ...files.filter(({ status }) => status === 'archived').map(zoomFile),
    ...products(merges, folder),
    ...madeWords(folder),
  ].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));

/** What most people want to see first; other views follow by name. */
const preferred = [
  'shared_screen_with_speaker_view',
  'shared_screen_with_gallery_view',
  'active_speaker',
  'gallery_view',
  'shared_screen',
];
const rank = (view: string): number => {
  const at = preferred.indexOf(view);
  return at < 0 ? preferred.length : at;
};

const secondsBetween = (start: string, end: string | undefined): number | undefined => {
  const seconds = (Date.parse(end ?? '') - Date.parse(start)) / 1_000;
  return seconds > 0 ? seconds : undefined;
};

/**
 * What can be played. A view that was recorded in several stretches is played from one file to the next, on the clock
 * of the whole recording: the joined file has no pauses, and so another clock than the transcript.
 */
export const viewsOf = (files: readonly JobFile[], offered: readonly Offered[]): View[] => {
  const start = firstStart(files);
  const isThere = new Set(offered.map(({ name }) => name));
  const playable = files.filter(
    ({ status, extension, view, fileId }) =>
      status === 'archived' && kindOf(extension) && !participantViews.has(view) && isThere.has(nameOf(fileId)),
  );
  const views = new Map<string, View>();
  for (const file of [...playable].sort((a, b) => Date.parse(a.recordingStart) - Date.parse(b.recordingStart))) {
    const kind = kindOf(file.extension) === 'film' ? 'film' : 'sound';
    const fromSeconds = Math.max(0, (Date.parse(file.recordingStart) - start) / 1_000 || 0);
    const seconds = file.durationSeconds ?? secondsBetween(file.recordingStart, file.recordingEnd);
    const piece = { file: nameOf(file.fileId), fromSeconds, ...(seconds === undefined ? {} : { seconds }) };
    // Two files of one view and one start, such as two languages, are two views.
    const twin = [...views.values()].filter(
      (one) => one.name.startsWith(`${file.view}.`) && one.pieces.some((other) => other.fromSeconds === fromSeconds),
    ).length;
    const name = [file.view, file.extension, ...(twin > 0 ? [twin + 1] : [])].join('.');
    const label = [labelOfView(file.view), ...(twin > 0 ? [twin + 1] : [])].join(' ');
    const before = views.get(name)?.pieces;
    views.set(name, { name, label, kind, pieces: before ? [...before, piece] : [piece] });
  }
  const mixed = offered.find(({ name }) => name === 'mixed.m4a');
  const sound: View[] = mixed
    ? [{ name: mixed.name, label: mixed.label, kind: 'sound', pieces: [{ file: mixed.name, fromSeconds: 0 }] }]
    : [];
  const viewName = ({ name }: View): string => name.split('.')[0] ?? '';
  return [...views.values(), ...sound].sort(
    (a, b) =>
      Number(a.kind === 'sound') - Number(b.kind === 'sound') ||
      rank(viewName(a)) - rank(viewName(b)) ||
      a.name.localeCompare(b.name, 'en'),
  );
};
