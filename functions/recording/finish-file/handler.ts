import * as z from 'zod';
import { s3Archive } from '../../../core/aws/archive.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig, planObjects } from '../../../core/aws/objects.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { finishFile, input } from './finish-file.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'FinishFile',
  input,
  progress: jobs.progress,
  run: finishFile({ jobs, plans: planObjects(config), archive: s3Archive(config) }),
});
