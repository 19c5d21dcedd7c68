import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { s3Archive } from '../../../core/aws/archive.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig } from '../../../core/aws/objects.ts';
import { openZoomSecret, zoomSecretConfig } from '../../../core/aws/secrets.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { zoomClient, zoomClientConfig } from '../../../core/zoom/client.ts';
import { cleanUpZoom, event } from './clean-up-zoom.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig, ...zoomSecretConfig, ...zoomClientConfig }));
const { credentials } = openZoomSecret(config);
const now = () => new Date();
const zoom = zoomClient({ apiUrl: config.zoomApiUrl, oauthUrl: config.zoomOauthUrl, credentials, now });
/** Two a second: half of what Zoom grants its smallest plan, for all that use the account. */
const pause = () => wait(500);

export const handler = listener({
  name: 'cleanUpZoom',
  event,
  run: cleanUpZoom({ jobs: openJobTable(config), archive: s3Archive(config), zoom, pause }),
});
