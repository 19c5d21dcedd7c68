import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { openAddressKey, openStopList, stopListConfig } from '../../../core/aws/stop-list.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { event, mailEvent } from './mail-event.ts';

const sealingSecret = z.string().min(1, 'expected the name of the secret that seals attributes');
const config = readConfig(z.object({ ...jobTableConfig, ...stopListConfig, sealingSecret }));

export const handler = listener({
  name: 'mailEvent',
  event,
  run: mailEvent({
    stopList: openStopList(config),
    jobs: openJobTable(config),
    addressKey: openAddressKey(config),
  }),
});
