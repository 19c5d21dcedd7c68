import * as z from 'zod';
import { jobTableConfig } from '../../../core/aws/job-table.ts';
import { speechWatcher, speechWatcherConfig } from '../../../core/aws/transcription.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { event, pollTranscriptions } from './poll-transcriptions.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...speechWatcherConfig }));

export const handler = listener({
  name: 'pollTranscriptions',
  event,
  run: pollTranscriptions(speechWatcher(config)),
});
