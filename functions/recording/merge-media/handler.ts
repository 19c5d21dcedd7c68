import { tmpdir } from 'node:os';
import * as z from 'zod';
import { s3Archive } from '../../../core/aws/archive.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { objectRanges } from '../../../core/aws/object-ranges.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { ffmpegConfig, openFfmpeg } from '../../../core/media/ffmpeg/resolve.ts';
import { functionLimits } from '../../../core/media/merge/estimate.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, mergeMedia } from './merge-media.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig, ...ffmpegConfig }));
const jobs = openJobTable(config);
const place = { ffmpeg: openFfmpeg(config), scratch: tmpdir(), limits: functionLimits };

export const handler = step({
  name: 'MergeMedia',
  input,
  progress: jobs.progress,
  run: mergeMedia({
    jobs,
    media: { archive: s3Archive(config), read: objectRanges(config), ...place },
    objects: textObjects(config),
    now: () => new Date(),
  }),
});
