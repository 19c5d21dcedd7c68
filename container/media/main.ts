import { tmpdir } from 'node:os';
import * as z from 'zod';
import { s3Archive } from '../../core/aws/archive.ts';
import { dynamoDb } from '../../core/aws/dynamodb.ts';
import { objectRanges } from '../../core/aws/object-ranges.ts';
import { archiveConfig, planObjects, textObjects } from '../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../core/aws/secrets.ts';
import { taskAnswers } from '../../core/aws/task-answers.ts';
import { mediaTaskRows } from '../../core/job/media-task.ts';
import { ffmpegConfig, openFfmpeg } from '../../core/media/ffmpeg/resolve.ts';
import { hostRulesConfig } from '../../core/media/hosts.ts';
import { taskLimits } from '../../core/media/merge/estimate.ts';
import { openDownload } from '../../core/media/open-download.ts';
import { readConfig } from '../../core/step/config.ts';
import { log, setLogContext } from '../../core/step/log.ts';
import { zoomClient, zoomClientConfig } from '../../core/zoom/client.ts';
import { copyOversized } from './oversized-files.ts';
import { mergeOversized } from './oversized-merges.ts';
import { runTask } from './run-task.ts';

/** The entry of the media task's container: wiring alone. */
const config = readConfig(
  z.object({
    ...sealedJobTableConfig,
    ...archiveConfig,
    ...zoomSecretConfig,
    ...zoomClientConfig,
    ...hostRulesConfig,
    ...ffmpegConfig,
    // Both are given by the function that starts the task.
    jobId: z.string(),
    taskRound: z.coerce.number().int().positive(),
    beatSeconds: z.coerce.number().positive(),
  }),
);
const { jobId, taskRound: round } = config;
setLogContext({ task: 'media', jobId, round });

const now = () => new Date();
const jobs = openSealedJobTable(config);
const archive = s3Archive(config);
const { credentials } = openZoomSecret(config);
const zoom = zoomClient({ apiUrl: config.zoomApiUrl, oauthUrl: config.zoomOauthUrl, credentials, now });
const copyFiles = copyOversized({
  jobs,
  zoom,
  now,
  archive,
  plans: planObjects(config),
  open: (request, signal) => openDownload(request, config, signal),
});
const mergeFiles = mergeOversized({
  jobs,
  now,
  objects: textObjects(config),
  media: {
    archive,
    read: objectRanges(config),
    ffmpeg: openFfmpeg(config),
    scratch: tmpdir(),
    limits: taskLimits,
  },
});

const stop = new AbortController();
// A second one says that there is a hurry: then the process ends as it stands, and the next task goes on.
process.once('SIGTERM', () => {
  log.warn('told to stop');
  stop.abort(new Error('told to stop'));
  process.once('SIGTERM', () => process.exit(143));
});

const end = await runTask({
  rows: mediaTaskRows(dynamoDb(), config.jobTable),
  answers: taskAnswers(),
  beatMillis: config.beatSeconds * 1_000,
  work: async (_jobId, { planKey }, signal) => ({
    files: await copyFiles(jobId, planKey, signal),
    merges: await mergeFiles(jobId, signal),
  }),
})({ jobId, round }, stop.signal);
log.info('media task ended', { end });
process.exit(end === 'failed' ? 1 : 0);
