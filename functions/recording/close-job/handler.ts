import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { closeJob, input } from './close-job.ts';

const cleanUpAfterDays = z.coerce.number().int().positive().optional();
const config = readConfig(z.object({ ...jobTableConfig, cleanUpAfterDays }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'CloseJob',
  input,
  progress: jobs.progress,
  run: closeJob({ jobs, cleanUpAfterDays: config.cleanUpAfterDays }),
});
