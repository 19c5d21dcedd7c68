import { budgets } from './budgets.ts';
import { packageFolder } from './bundles.ts';
import { judge, ms, note, percentile, table, title, type Verdict } from './report.ts';
import { webhookStorm } from './webhook-storm.ts';

const perSecond = 100;
const seconds = 10;

export const load = async (): Promise<Verdict[]> => {
  const count = perSecond * seconds;
  title(`Load: ${perSecond} distinct signed webhooks a second for ${seconds} s against the local cloud`);
  const storm = await webhookStorm({ count, perSecond, packageFolder: packageFolder() });
  const p99 = percentile(storm.millis, 0.99);
  table(
    ['acknowledgement', 'p50', 'p90', 'p99', 'most'],
    [['from the scheduled moment', ...[0.5, 0.9, 0.99, 1].map((share) => ms(percentile(storm.millis, share), 0))]],
  );
  note(
    `The sender, a process of its own, was at most ${ms(storm.latestSend, 0)} late; the times count from the schedule all the same.`,
  );
  note(
    'The cloud is warm: 200 other webhooks came before. Every machine starts at once; its first function is called after',
  );
  note(
    'the last acknowledgement, and its decision to download is turned into a rejection, so that no media is copied.',
  );
  note(`The last machine ended ${storm.secondsToTheLastEnd.toFixed(0)} s after the first webhook.`);
  return [
    judge(`${storm.acknowledged} of ${count} webhooks were acknowledged with 200`, storm.acknowledged === count),
    judge(
      `${storm.jobs} jobs, ${storm.executions} executions started, ${storm.ended} ended: none is lost`,
      [storm.jobs, storm.executions, storm.ended].every((found) => found === count),
    ),
    judge(
      `p99 of the acknowledgement is ${ms(p99, 0)}, at most ${ms(budgets.loadP99Millis, 0)}`,
      p99 <= budgets.loadP99Millis,
    ),
  ];
};
