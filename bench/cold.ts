import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../local/root.ts';
import { answerAws } from './aws-answers.ts';
import { budgets } from './budgets.ts';
import { bundleSettings, packagedFunction } from './bundles.ts';
import { environmentFor, invokeHandler, withScratch, writeEvents } from './invoke-handler.ts';
import { judge, median, ms, note, table, title, type Verdict } from './report.ts';
import { asGatewayEvent, signedEvent } from './webhook-event.ts';

const starts = 21;
const webhookSecret = 'bench-webhook-secret';

/** A new process each time, the two handlers in turn: whatever else the machine does falls on both alike. */
export const cold = (): Promise<Verdict[]> =>
  withScratch(async (folder) => {
    title(`Cold start: process start, import and first invocation, median of ${starts} processes each, in turn`);
    const webhook = await packagedFunction('zoomWebhook');
    const emptyFile = join(folder, 'empty.mjs');
    await build({
      ...bundleSettings(),
      entryPoints: [join(projectRoot(), 'bench/empty-handler.ts')],
      outfile: emptyFile,
      logLevel: 'error',
    });
    const aws = await answerAws(webhookSecret);
    try {
      const environment = environmentFor(aws.url, webhook.environment);
      const events = writeEvents(join(folder, 'event.json'), [asGatewayEvent(signedEvent(webhookSecret))]);
      const handlers = [
        { name: 'empty Middy handler', file: emptyFile, runs: [] as { millis: number; cpuMillis: number }[] },
        { name: 'zoomWebhook', file: webhook.entryFile, runs: [] as { millis: number; cpuMillis: number }[] },
      ] as const;
      for (let round = -1; round < starts; round += 1) {
        for (const { name, file, runs } of round % 2 === 0 ? handlers : [...handlers].reverse()) {
          const run = await invokeHandler(file, events, environment);
          if (run.results[0]?.[0] !== 200) throw new Error(`${name} answered ${run.results[0]?.[0] ?? 'nothing'}`);
          // The first round fills the file system's cache.
          if (round >= 0) runs.push(run);
        }
      }
      const [empty, ours] = handlers.map(({ runs }) => ({
        millis: median(runs.map(({ millis }) => millis)),
        cpu: Math.min(...runs.map(({ cpuMillis }) => cpuMillis)),
      })) as [{ millis: number; cpu: number }, { millis: number; cpu: number }];
      const ratio = ours.millis / empty.millis;
      table(
        ['handler', 'median time', 'least CPU'],
        [
          ['empty Middy handler', ms(empty.millis), ms(empty.cpu)],
          ['zoomWebhook', ms(ours.millis), ms(ours.cpu)],
          ['ratio', ratio.toFixed(2), (ours.cpu / empty.cpu).toFixed(2)],
        ],
      );
      note(
        'The first invocation verifies, reads two secrets, writes the job and starts the machine: five calls to a stand-in.',
      );
      note('The time is judged. Processor time is steadier, but counts what V8 does meanwhile on other threads.');
      return [
        judge(
          `A cold webhook takes ${ratio.toFixed(2)}× an empty handler, at most ${budgets.coldRatio}×`,
          ratio <= budgets.coldRatio,
        ),
      ];
    } finally {
      await aws.close();
    }
  });
