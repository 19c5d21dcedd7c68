import * as z from 'zod';
import { archiveNamesConfig } from '../../../core/archive-name/template.ts';
import { s3Archive } from '../../../core/aws/archive.ts';
import { archiveConfig, planObjects } from '../../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../../core/aws/secrets.ts';
import { hostRulesConfig } from '../../../core/media/hosts.ts';
import { limitsFor } from '../../../core/media/layout.ts';
import { openDownload } from '../../../core/media/open-download.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { zoomClient, zoomClientConfig } from '../../../core/zoom/client.ts';
import { wantedFilesConfig } from '../../../core/zoom/filters.ts';
import { input, planDownload, type Ports } from './plan-download.ts';

const zoomConfig = { ...zoomSecretConfig, ...zoomClientConfig, ...hostRulesConfig };
const placeConfig = { ...archiveNamesConfig, ...wantedFilesConfig };
const config = readConfig(
  z.object({
    ...placeConfig,
    ...sealedJobTableConfig,
    ...archiveConfig,
    ...zoomConfig,
    mediaTask: z.enum(['on', 'off']),
    functionSeconds: z.coerce.number().int().positive(),
  }),
);
const now = () => new Date();
const jobs = openSealedJobTable(config);
const { credentials } = openZoomSecret(config);
const zoom = zoomClient({ apiUrl: config.zoomApiUrl, oauthUrl: config.zoomOauthUrl, credentials, now });
const open: Ports['open'] = (request, signal) => openDownload(request, config, signal);
const ports = { jobs, zoom, open, now, plans: planObjects(config), archive: s3Archive(config) };

export const handler = step({
  name: 'PlanDownload',
  input,
  progress: jobs.progress,
  run: planDownload({
    ...config,
    ...ports,
    limits: limitsFor(config.functionSeconds),
    mediaTask: config.mediaTask === 'on',
  }),
});
