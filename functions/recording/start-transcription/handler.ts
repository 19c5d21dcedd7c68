import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { speechStarter, speechStarterConfig } from '../../../core/aws/transcription.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, startTranscription } from './start-transcription.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...speechStarterConfig }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'StartTranscription',
  input,
  progress: jobs.progress,
  run: startTranscription({ jobs, speech: speechStarter(config), random: Math.random }),
});
