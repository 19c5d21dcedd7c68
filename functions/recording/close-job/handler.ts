import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { closeJob, input } from './close-job.ts';

const jobs = openJobTable(readConfig(z.object(jobTableConfig)));

export const handler = step({ name: 'CloseJob', input, progress: jobs.progress, run: closeJob({ jobs }) });
