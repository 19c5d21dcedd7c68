import * as z from 'zod';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../../core/aws/secrets.ts';
import { mailRules, needsAlternativeHosts } from '../../../core/mail/recipients.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { zoomClient, zoomClientConfig } from '../../../core/zoom/client.ts';
import { wantedConfig } from '../../../core/zoom/filters.ts';
import { fetchMetadata, input } from './fetch-metadata.ts';

const rulesConfig = {
  ...wantedConfig,
  minimumDurationMinutes: z.coerce.number().nonnegative(),
  zoomWaitMinutes: z.coerce.number().nonnegative(),
  mailAlso: mailRules.mailAlso,
};
const config = readConfig(
  z.object({ ...sealedJobTableConfig, ...zoomSecretConfig, ...zoomClientConfig, ...rulesConfig }),
);
const now = () => new Date();
const jobs = openSealedJobTable(config);
const { credentials } = openZoomSecret(config);
const zoom = zoomClient({ apiUrl: config.zoomApiUrl, oauthUrl: config.zoomOauthUrl, credentials, now });
const rules = {
  ...config,
  waitMinutes: config.zoomWaitMinutes,
  needsAlternativeHosts: needsAlternativeHosts(config),
};

export const handler = step({
  name: 'FetchMetadata',
  input,
  progress: jobs.progress,
  run: fetchMetadata({ jobs, zoom, now, rules }),
});
