import * as z from 'zod';
import { recordingMachine, recordingMachineConfig } from '../../../core/aws/machine.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../../core/aws/secrets.ts';
import { readConfig } from '../../../core/step/config.ts';
import { route } from '../../../core/step/route.ts';
import { zoomWebhook } from './zoom-webhook.ts';

const webhookWindowSeconds = z.coerce.number().int().positive();
const config = readConfig(
  z.object({ ...sealedJobTableConfig, ...zoomSecretConfig, ...recordingMachineConfig, webhookWindowSeconds }),
);
const jobs = openSealedJobTable(config);
const machine = recordingMachine(config);
const { webhookSecretTokens: secrets } = openZoomSecret(config);
const now = () => new Date();

export const handler = route({
  name: 'zoomWebhook',
  run: zoomWebhook({ secrets, jobs, machine, now, windowSeconds: config.webhookWindowSeconds }),
});
