import * as z from 'zod';
import { jobTableConfig } from '../../../core/aws/job-table.ts';
import { askedFor, openCallbackKey, symblCallbackConfig } from '../../../core/aws/symbl.ts';
import { speechWatcher, speechWatcherConfig } from '../../../core/aws/transcription.ts';
import { readConfig } from '../../../core/step/config.ts';
import { jsonRoute } from '../../../core/step/json-route.ts';
import { callbackBody } from '../../../core/symbl/callback.ts';
import { symblCallback } from './symbl-callback.ts';

const { linkSecret } = symblCallbackConfig;
const config = readConfig(z.object({ ...jobTableConfig, ...speechWatcherConfig, linkSecret }));

export const handler = jsonRoute({
  name: 'symblCallback',
  input: callbackBody,
  run: symblCallback({
    key: openCallbackKey(config.linkSecret),
    speech: speechWatcher(config),
    asked: askedFor(config),
  }),
});
