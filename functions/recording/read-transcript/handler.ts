import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, readTranscript } from './read-transcript.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'ReadTranscript',
  input,
  progress: jobs.progress,
  run: readTranscript({ jobs, objects: textObjects(config) }),
});
