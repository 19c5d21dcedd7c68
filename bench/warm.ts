import { join } from 'node:path';
import { answerAws } from './aws-answers.ts';
import { budgets } from './budgets.ts';
import { packagedFunction } from './bundles.ts';
import { environmentFor, invokeHandler, withScratch, writeEvents } from './invoke-handler.ts';
import { judge, ms, note, percentile, table, title, type Verdict } from './report.ts';
import { asGatewayEvent, signedEvent } from './webhook-event.ts';

const requests = 3_000;
/** Cold paths; V8 has compiled by then what is worth it. */
const warmUp = 300;
const webhookSecret = 'bench-webhook-secret';

/**
 * One environment, one request after the other, as on Lambda. Its own work is the processor time of its process for a
 * request, which leaves out the waiting for AWS and what else the machine does, and includes signing, sending and
 * the collection of garbage.
 */
export const warm = (): Promise<Verdict[]> =>
  withScratch(async (folder) => {
    title(`Warm webhook: ${requests.toLocaleString('en')} distinct signed requests of eight files each`);
    const webhook = await packagedFunction('zoomWebhook');
    const aws = await answerAws(webhookSecret);
    try {
      const signed = Array.from({ length: warmUp + requests }, () => asGatewayEvent(signedEvent(webhookSecret)));
      const events = writeEvents(join(folder, 'events.json'), signed);
      const { results } = await invokeHandler(webhook.entryFile, events, environmentFor(aws.url, webhook.environment));
      const refused = results.filter(([status]) => status !== 200).length;
      const started = aws.count('AWSStepFunctions.StartExecution');
      const measured = results.slice(warmUp);
      const row = (name: string, values: readonly number[]): string[] => [
        name,
        ...[0.5, 0.99, 1].map((share) => ms(percentile(values, share), 2)),
      ];
      const own = measured.map(([, , cpu]) => cpu);
      table(
        ['per request', 'p50', 'p99', 'most'],
        [
          row('own work (CPU)', own),
          row(
            'with the answers of AWS (time)',
            measured.map(([, millis]) => millis),
          ),
        ],
      );
      note('AWS is a stand-in that answers at once, over HTTP on this machine.');
      const p99 = percentile(own, 0.99);
      return [
        judge(`Every request was answered 200 and started its execution`, refused === 0 && started === signed.length),
        judge(
          `p99 of the webhook's own work is ${ms(p99, 2)}, below ${budgets.warmP99Millis} ms`,
          p99 < budgets.warmP99Millis,
        ),
      ];
    } finally {
      await aws.close();
    }
  });
