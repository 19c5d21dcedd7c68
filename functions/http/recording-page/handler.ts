import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { linkReaderConfig, openLinkReader } from '../../../core/aws/links.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { presignedObjects } from '../../../core/aws/presigned.ts';
import { openBuiltPage } from '../../../core/page/built-page.ts';
import { readConfig } from '../../../core/step/config.ts';
import { pageRoute } from '../../../core/step/page-route.ts';
import { brokenPage, recordingPage } from './recording-page.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig, ...linkReaderConfig }));
const built = openBuiltPage(new URL('../../../console/dist/', import.meta.url));

export const handler = pageRoute({
  name: 'recordingPage',
  broken: brokenPage(built),
  run: recordingPage({
    readLink: openLinkReader(config),
    jobs: openJobTable(config),
    objects: textObjects(config),
    media: presignedObjects(config),
    built,
  }),
});
