import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig } from '../../../core/aws/objects.ts';
import { objectRanges } from '../../../core/aws/object-ranges.ts';
import { functionLimits } from '../../../core/media/merge/estimate.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, planMerge } from './plan-merge.ts';

const mediaTask = z.enum(['on', 'off']);
const functionSeconds = z.coerce.number().int().positive();
const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig, mediaTask, functionSeconds }));
const jobs = openJobTable(config);
const limits = { ...functionLimits, seconds: config.functionSeconds };

export const handler = step({
  name: 'PlanMerge',
  input,
  progress: jobs.progress,
  run: planMerge({ jobs, limits, read: objectRanges(config), hasMediaTask: config.mediaTask === 'on' }),
});
