import * as z from 'zod';
import { linkConfig, openLinks } from '../../../core/aws/links.ts';
import { mailerConfig, openMailer } from '../../../core/aws/mailer.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { openAddressKey, openStopList, stopListConfig } from '../../../core/aws/stop-list.ts';
import { mailRules } from '../../../core/mail/recipients.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, sendSummary } from './send-summary.ts';

const own = {
  ...mailRules,
  mailOnLateTranscript: z.enum(['on', 'off']),
  cleanUpAfterDays: z.coerce.number().optional(),
};
const tables = { ...sealedJobTableConfig, ...stopListConfig, ...archiveConfig };
const config = readConfig(z.object({ ...tables, ...mailerConfig, ...linkConfig, ...own }));
const jobs = openSealedJobTable(config);

export const handler = step({
  name: 'SendSummary',
  input,
  progress: jobs.progress,
  run: sendSummary({
    jobs,
    objects: textObjects(config),
    links: openLinks(config),
    stopList: openStopList(config),
    addressKey: openAddressKey(config),
    mailer: openMailer(config),
    now: () => new Date(),
    // This function's time-out: no send can be under way for longer.
    claimLastsMs: 60_000,
    settings: { ...config, onLateTranscript: config.mailOnLateTranscript === 'on' },
  }),
});
