import * as z from 'zod';
import { s3Archive } from '../../../core/aws/archive.ts';
import { archiveConfig, planObjects } from '../../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../../core/aws/secrets.ts';
import { hostRulesConfig } from '../../../core/media/hosts.ts';
import { openDownload } from '../../../core/media/open-download.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { zoomClient, zoomClientConfig } from '../../../core/zoom/client.ts';
import { downloadPart, input, type Ports } from './download-part.ts';

const config = readConfig(
  z.object({ ...sealedJobTableConfig, ...archiveConfig, ...zoomSecretConfig, ...zoomClientConfig, ...hostRulesConfig }),
);
const now = () => new Date();
const jobs = openSealedJobTable(config);
const { credentials } = openZoomSecret(config);
const zoom = zoomClient({ apiUrl: config.zoomApiUrl, oauthUrl: config.zoomOauthUrl, credentials, now });
const ports = { jobs, zoom, now, plans: planObjects(config), archive: s3Archive(config) };
const open: Ports['open'] = (request, signal) => openDownload(request, config, signal);

export const handler = step({
  name: 'DownloadPart',
  input,
  progress: jobs.progress,
  run: downloadPart({ ...ports, open }),
});
