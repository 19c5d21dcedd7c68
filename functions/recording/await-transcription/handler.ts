import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { speechWatcher, speechWatcherConfig } from '../../../core/aws/transcription.ts';
import { taskAnswers } from '../../../core/aws/task-answers.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { awaitTranscription, input } from './await-transcription.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...speechWatcherConfig }));

export const handler = step({
  name: 'AwaitTranscription',
  input,
  progress: openJobTable(config).progress,
  run: awaitTranscription({
    speech: speechWatcher(config),
    answer: (token) => taskAnswers().succeed(token, {}),
  }),
});
