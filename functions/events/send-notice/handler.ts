import * as z from 'zod';
import { linkConfig, openLinks } from '../../../core/aws/links.ts';
import { mailerConfig, openMailer } from '../../../core/aws/mailer.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openAddressKey, openStopList, stopListConfig } from '../../../core/aws/stop-list.ts';
import { mailRules } from '../../../core/mail/recipients.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { event, sendNotice } from './send-notice.ts';

const own = { mailNever: mailRules.mailNever, alarmMail: z.string().default('') };
const config = readConfig(
  z.object({ ...sealedJobTableConfig, ...stopListConfig, ...mailerConfig, ...linkConfig, ...own }),
);

export const handler = listener({
  name: 'sendNotice',
  event,
  run: sendNotice({
    jobs: openSealedJobTable(config),
    stopList: openStopList(config),
    links: openLinks(config),
    addressKey: openAddressKey(config),
    mailer: openMailer(config),
    now: () => new Date(),
    // This function's time-out: no send can be under way for longer.
    claimLastsMs: 60_000,
    settings: config,
  }),
});
