import type { JobFile } from '../../job/job.ts';
import { nameIn, speakersOf } from '../../media/merge/speakers.ts';
import { firstStart, participantViews } from '../../media/merge/wanted-merges.ts';
import type { Sound } from '../driver.ts';

/** Zoom's sound of everybody; of films the smallest does. */
const soundFirst = (a: JobFile, b: JobFile): number =>
  Number(b.extension === 'm4a') - Number(a.extension === 'm4a') ||
  (a.receivedBytes ?? 0) - (b.receivedBytes ?? 0) ||
  (a.fileId < b.fileId ? -1 : 1);

/**
 * What Amazon Transcribe is to hear: where Zoom recorded people apart, the track of each, whose speaker is then known;
 * otherwise the sound of everybody, one of each segment.
 */
export const soundsOf = (files: readonly JobFile[]): Sound[] => {
  const start = firstStart(files);
  const offsetOf = ({ recordingStart }: JobFile): number => Math.max(0, Date.parse(recordingStart) - start) || 0;
  const soundOf = (file: JobFile, speaker?: string): Sound => ({
    track: file.fileId,
    key: file.key,
    content: `${file.crc32 ?? ''} ${file.receivedBytes ?? 0}`,
    offsetMs: offsetOf(file),
    ...(speaker !== undefined && { speaker }),
  });
  const audible = files.filter(({ status, extension }) => status === 'archived' && /^(m4a|mp4)$/.test(extension));

  const tracks = audible.filter(({ view }) => participantViews.has(view));
  if (tracks.length > 0) {
    const named = tracks.map((file) => {
      const { fileId, fileName, durationSeconds = lengthOf(file) } = file;
      return { fileId, name: nameIn(fileName), offsetMs: offsetOf(file), durationSeconds, file };
    });
    return speakersOf(named).flatMap(({ name, pieces }) => pieces.map(({ file }) => soundOf(file, name)));
  }
  const segments = new Map<string, JobFile[]>();
  for (const file of audible) segments.set(file.recordingStart, [...(segments.get(file.recordingStart) ?? []), file]);
  return [...segments.values()]
    .flatMap((ofSegment) => ofSegment.sort(soundFirst).slice(0, 1))
    .map((file) => soundOf(file));
};

const lengthOf = ({ recordingStart, recordingEnd = '' }: JobFile): number =>
  Math.max(0, (Date.parse(recordingEnd) - Date.parse(recordingStart)) / 1_000) || 0;
