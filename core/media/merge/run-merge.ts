import type { Job, JobFile } from '../../job/job.ts';
import type { JobMerge } from '../../job/merge-rows.ts';
import { fileNameOf, mergedKeysOf } from '../../keys.ts';
import { PermanentError } from '../../step/errors.ts';
import { log } from '../../step/log.ts';
import { contentTypeOf } from '../content.ts';
import { madeLabels, type ObjectLabels } from '../object-head.ts';
import { inspectSource } from './inspect-source.ts';
import { joinView } from './join-view.ts';
import { mergeAudio, type AudioSource } from './merge-audio.ts';
import { percentWriter } from './percent-writer.ts';
import type { MergePorts, Product, Source, Workshop } from './ports.ts';
import { inPrivateDirectory } from './private-directory.ts';
import { nameIn } from './speakers.ts';
import { storeProduct } from './store-product.ts';
import { firstStart, whyNotMade } from './wanted-merges.ts';

export type RunMergePorts = {
  readonly jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    files: (jobId: string) => Promise<JobFile[]>;
    percent: (jobId: string, percent: number) => Promise<unknown>;
    mergeProgress: (jobId: string, name: string, percent: number) => Promise<unknown>;
    mergeDone: (jobId: string, name: string, outputs: readonly string[]) => Promise<unknown>;
    mergeFailed: (jobId: string, name: string, because: string) => Promise<unknown>;
    addNote: (jobId: string, note: string) => Promise<unknown>;
  };
  readonly media: MergePorts;
  readonly objects: { write: (key: string, text: string, contentType: string, labels: ObjectLabels) => Promise<void> };
  readonly now: () => Date;
};

export type MergeOutcome = JobMerge['status'];

/**
 * Makes one merge. What cannot be decoded is noted, and the recording goes on without it; what may pass, or what lies
 * with us, is thrown.
 */
export const runMerge =
  (ports: RunMergePorts) =>
  async (merge: JobMerge, signal: AbortSignal): Promise<MergeOutcome> => {
    if (merge.status !== 'planned') return merge.status;
    const { jobs, media, now } = ports;
    const { jobId, name } = merge;
    const job = await jobs.get(jobId);
    if (!job?.folder) throw new PermanentError('BAD_INPUT', `job ${jobId} has no row with a folder`);
    const files = await jobs.files(jobId);
    const inputs = merge.inputs.map(({ fileId }) => files.find((file) => file.fileId === fileId));

    const progress = percentWriter(
      async (percent) => {
        log.info('step progress', { step: 'MergeMedia', merge: name, percent });
        await Promise.all([jobs.mergeProgress(jobId, name, percent), jobs.percent(jobId, percent)]);
      },
      () => now().getTime(),
    );
    try {
      const outputs = await inPrivateDirectory(media.scratch, async (directory) => {
        const workshop: Workshop = { directory, signal, onPercent: progress.onPercent };
        const work: Work = { ...ports, job, folder: job.folder ?? '', merge, files: inputs.filter(isThere) };
        return merge.kind === 'audio' ? mergeTracks(work, firstStart(files), workshop) : joinSegments(work, workshop);
      });
      await progress.settled();
      await jobs.mergeDone(jobId, name, outputs);
      return 'done';
    } catch (error) {
      if (!(error instanceof PermanentError) || error.code !== 'FILE_NOT_AS_EXPECTED') throw error;
      await progress.settled();
      const because = error.message.replace(/^FILE_NOT_AS_EXPECTED: /, '');
      await jobs.addNote(jobId, whyNotMade(merge, because));
      await jobs.mergeFailed(jobId, name, because);
      return 'failed';
    }
  };

type Work = RunMergePorts & {
  readonly job: Job;
  readonly folder: string;
  readonly merge: JobMerge;
  readonly files: readonly JobFile[];
};

const isThere = (file: JobFile | undefined): file is JobFile => file?.status === 'archived';

const sourceOf = ({ fileId, key, receivedBytes = 0 }: JobFile): Source => ({ fileId, key, bytes: receivedBytes });

/** One person's track that cannot be read does not silence the others. */
const mergeTracks = async (work: Work, start: number, workshop: Workshop): Promise<string[]> => {
  const { jobs, media, objects, files, folder } = work;
  const { signal } = workshop;
  const tracks: AudioSource[] = [];
  let unread: PermanentError | undefined;
  for (const file of files) {
    const source = sourceOf(file);
    try {
      const info = await inspectSource(media.read, source, signal);
      if (!info.tracks.some(({ kind }) => kind === 'audio'))
        throw new PermanentError('FILE_NOT_AS_EXPECTED', `${fileNameOf(file.key)} has no sound`);
      const offsetMs = Math.max(0, Date.parse(file.recordingStart) - start) || 0;
      tracks.push({ ...source, name: nameIn(file.fileName), offsetMs, durationSeconds: info.durationSeconds });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      unread = error;
      await jobs.addNote(work.job.jobId, `A track is not in the merged sound: ${error.message}.`);
    }
  }
  if (tracks.length === 0) throw unread ?? new PermanentError('FILE_NOT_AS_EXPECTED', 'no track is in the archive');

  const keys = mergedKeysOf(folder);
  const { mixed, groups, list } = await mergeAudio(media, tracks, workshop);
  const products: Product[] = [
    { path: mixed, key: keys.mixed, contentType: contentTypeOf('m4a') },
    ...groups.map((path, group) => ({ path, key: keys.speakers(group), contentType: contentTypeOf('flac') })),
  ];
  for (const product of products) await storeProduct(media.archive, product, labelsOf(work), signal);
  const speakers = list((group) => keys.speakers(group).slice(folder.length));
  await objects.write(keys.speakerList, JSON.stringify(speakers, null, 2), contentTypeOf('json'), labelsOf(work));
  return [...products.map(({ key }) => key), keys.speakerList];
};

const joinSegments = async (work: Work, workshop: Workshop): Promise<string[]> => {
  const { media, merge, files, folder } = work;
  if (files.length < merge.inputs.length)
    throw new PermanentError('FILE_NOT_AS_EXPECTED', 'not all of its segments are in the archive');
  const segments = [];
  for (const file of files) {
    const source = sourceOf(file);
    segments.push({ ...source, info: await inspectSource(media.read, source, workshop.signal) });
  }
  const { path, how } = await joinView(media, segments, workshop);
  log.info('segments joined', { merge: merge.name, how });
  const { view = merge.name, extension = 'mp4' } = files[0] ?? {};
  const product = { path, key: mergedKeysOf(folder).joined(view, extension), contentType: contentTypeOf(extension) };
  await storeProduct(media.archive, product, labelsOf(work), workshop.signal);
  return [product.key];
};

const labelsOf = ({ job, merge: { name, inputs } }: Work): ObjectLabels => {
  const { metadata, tags } = madeLabels(job, 'media');
  return { metadata: { ...metadata, 'merged-from': String(inputs.length), merge: encodeURIComponent(name) }, tags };
};
