import * as z from 'zod';
import { mailerConfig, openMailer } from '../../../core/aws/mailer.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../../core/aws/sealed-job-table.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, sendSummary } from './send-summary.ts';

const config = readConfig(z.object({ ...sealedJobTableConfig, ...archiveConfig, ...mailerConfig }));
const jobs = openSealedJobTable(config);
const objects = textObjects(config);
/** This function's time-out: no send can be under way for longer. */
const claimLastsMs = 60_000;

export const handler = step({
  name: 'SendSummary',
  input,
  progress: jobs.progress,
  run: sendSummary({ jobs, objects, mailer: openMailer(config), now: () => new Date(), settings: { claimLastsMs } }),
});
