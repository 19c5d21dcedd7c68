import * as z from 'zod';
import { openWebhook, webhookConfig } from '../../../core/aws/webhook.ts';
import { readConfig } from '../../../core/step/config.ts';
import { route } from '../../../core/step/route.ts';
import { zoomWebhook } from './zoom-webhook.ts';

const webhookWindowSeconds = z.coerce.number().int().positive();
const config = readConfig(z.object({ ...webhookConfig, webhookWindowSeconds }));
const { secrets, jobs, machine } = openWebhook(config);
const now = () => new Date();

export const handler = route({
  name: 'zoomWebhook',
  run: zoomWebhook({ secrets, jobs, machine, now, windowSeconds: config.webhookWindowSeconds }),
});
