import * as z from 'zod';
import { linkReaderConfig, openLinkReader } from '../../../core/aws/links.ts';
import { openStopList, stopListConfig } from '../../../core/aws/stop-list.ts';
import { readConfig } from '../../../core/step/config.ts';
import { pageRoute } from '../../../core/step/page-route.ts';
import { show } from './page.ts';
import { unsubscribe } from './unsubscribe.ts';

const config = readConfig(z.object({ ...linkReaderConfig, ...stopListConfig }));

export const handler = pageRoute({
  name: 'unsubscribe',
  broken: () => show('broken'),
  run: unsubscribe({ readLink: openLinkReader(config), stopList: openStopList(config) }),
});
