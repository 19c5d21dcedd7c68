import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig, planObjects } from '../../../core/aws/objects.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, planDownload } from './plan-download.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'PlanDownload',
  input,
  progress: jobs.progress,
  run: planDownload({ jobs, plans: planObjects(config) }),
});
