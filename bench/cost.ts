import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executionNameOf } from '../core/keys.ts';
import { lookInto } from '../local/clients.ts';
import { startCloud } from '../local/cloud.ts';
import type { InvocationReport } from '../local/lambda/runtime.ts';
import { playMeeting } from '../local/play.ts';
import { projectRoot } from '../local/root.ts';
import type { SimulatedMeeting } from '../local/zoom/meeting.ts';
import { sampleMeeting } from '../local/zoom/sample-meeting.ts';
import { countAwsRequests, type AwsRequests } from './aws-requests.ts';
import { budgets } from './budgets.ts';
import { packageFolder } from './bundles.ts';
import { withScratch } from './invoke-handler.ts';
import { referenceBytes, referenceMeeting } from './reference-meeting.ts';
import { judge, note, print, table, title, type Verdict } from './report.ts';
import { transitionsOf, type Transitions } from './transitions.ts';

type Price = { readonly dollars: number; readonly per: string };
type Bill = {
  readonly files: number;
  readonly bytes: number;
  readonly transitions: Transitions;
  readonly reports: readonly InvocationReport[];
  readonly requests: AwsRequests;
  readonly webhooks: number;
  readonly logBytes: number;
};

/** One recording from webhook to mail on a local cloud of its own, with everything counted that AWS would bill. */
const run = (meetingOf: (accountId: string) => SimulatedMeeting): Promise<Bill> =>
  withScratch(async (folder) => {
    const reports: InvocationReport[] = [];
    let logBytes = 0;
    const cloud = await startCloud({
      folder,
      packageFolder: packageFolder(),
      ports: { gateway: 0, api: 0, zoom: 0, zoomStorage: 0 },
      onInvoke: (report) => void reports.push(report),
      onLog: ({ line }) => (logBytes += Buffer.byteLength(line)),
    });
    const look = lookInto(cloud);
    const counter = countAwsRequests(cloud.gateway.port);
    try {
      const job = await playMeeting(cloud, look, meetingOf(cloud.zoomAccountId));
      if (job.status !== 'done') throw new Error(`The recording ended as ${job.status}: ${job.failure?.detail ?? ''}`);
      const machine = cloud.deployment.stateMachines[0]?.arn.replace(':stateMachine:', ':execution:') ?? '';
      const attempts = Array.from({ length: job.attempt }, (_, index) => index + 1);
      const counted = await Promise.all(
        attempts.map((attempt) => transitionsOf(look.sfn, `${machine}:${executionNameOf(job.jobId, attempt)}`)),
      );
      const sum = (pick: (one: Transitions) => number): number => counted.reduce((all, one) => all + pick(one), 0);
      const files = await look.files(job.jobId);
      return {
        files: files.length,
        bytes: files.reduce((all, { receivedBytes = 0 }) => all + receivedBytes, 0),
        transitions: {
          all: sum(({ all }) => all),
          polls: sum(({ polls }) => polls),
          retries: sum(({ retries }) => retries),
        },
        reports,
        requests: { ...counter.counts },
        webhooks: reports.filter(({ function: name }) => name.endsWith('-zoomWebhook')).length,
        logBytes,
      };
    } finally {
      counter.stop();
      look.close();
      await cloud.close();
    }
  });

type Line = readonly [what: string, count: string, dollars: number];

const billOf = (bill: Bill, price: (name: string) => number): Line[] => {
  const { requests, reports, transitions } = bill;
  const gbSeconds = reports.reduce((sum, { billedMs, memoryMb }) => sum + (billedMs / 1_000) * (memoryMb / 1_024), 0);
  const billedMs = reports.reduce((sum, one) => sum + one.billedMs, 0);
  const dynamo = requests.dynamoWriteUnits * price('dynamoWrite') + requests.dynamoReadUnits * price('dynamoRead');
  return [
    [
      'state transitions',
      `${transitions.all}, of them ${transitions.polls} polls`,
      transitions.all * price('stateTransition'),
    ],
    ['Lambda invocations', `${reports.length}`, reports.length * price('lambdaRequest')],
    ['Lambda time', `${billedMs} ms, ${gbSeconds.toFixed(2)} GB-s`, gbSeconds * price('lambdaGbSecond')],
    [
      'S3 writes and reads',
      `${requests.s3Writes} and ${requests.s3Reads}`,
      requests.s3Writes * price('s3Write') + requests.s3Reads * price('s3Read'),
    ],
    [
      'DynamoDB requests',
      `${requests.dynamoRequests}: ${requests.dynamoWriteUnits} WRU, ${requests.dynamoReadUnits} RRU`,
      dynamo,
    ],
    ['secrets read', `${requests.secretReads}`, requests.secretReads * price('secretRead')],
    ['mails', `${requests.mails}`, requests.mails * price('mail')],
    ['HTTP requests', `${bill.webhooks}`, bill.webhooks * price('httpRequest')],
    ['logs', `${(bill.logBytes / 1_000).toFixed(1)} kB`, (bill.logBytes / 1e9) * price('logGb')],
  ];
};

const dollars = (amount: number): string => `$${amount.toFixed(6)}`;

const show = (lines: readonly Line[]): void =>
  table(
    ['billed', 'count', 'dollars'],
    [...lines, ['sum', '', lines.reduce((sum, [, , amount]) => sum + amount, 0)] as const].map(
      ([what, count, amount]) => [what, count, dollars(amount)],
    ),
  );

/** What one worker of 512 MB is meant to sustain; Lambda's network gives it about 75 MB/s. */
const copyBytesPerSecond = 65e6;

export const cost = async (): Promise<Verdict[]> => {
  const { prices } = JSON.parse(readFileSync(join(projectRoot(), 'bench/prices.json'), 'utf8')) as {
    prices: Record<string, Price>;
  };
  const price = (name: string): number => {
    const found = prices[name];
    if (!found) throw new Error(`bench/prices.json has no ${name}`);
    return found.dollars;
  };

  title('Cost of the sample recording: one webhook twice, one more for the transcript');
  const sample = await run((accountId) => sampleMeeting({ accountId }));
  note(`${sample.files} files, ${(sample.bytes / 1e6).toFixed(1)} MB; every environment was cold once, as billed`);
  show(billOf(sample, price));

  title('Cost of the reference recording: an hour, 8 files, 4 of them separate voices');
  const reference = await run(referenceMeeting);
  note(
    `${reference.files} files, ${(reference.bytes / 1e6).toFixed(1)} MB copied here; the rest of its 1.2 GB is derived`,
  );
  const rest = Math.max(0, referenceBytes - reference.bytes);
  const copying = (rest / copyBytesPerSecond) * 0.5 * price('lambdaGbSecond');
  const parts = Math.ceil(rest / (32 * 1_048_576)) * price('s3Write');
  show([
    ...billOf(reference, price),
    [`copy of the other ${(rest / 1e9).toFixed(2)} GB (derived)`, '65 MB/s at 512 MB, 32 MiB parts', copying + parts],
  ]);
  print();
  note(
    'Lambda time is of this machine, whose processor a function has for itself; below 1,769 MB Lambda gives it a share.',
  );
  note(`Storage is not in it: ${dollars((referenceBytes / 1e9) * price('storageGbMonth'))} a month for 1.2 GB.`);

  return [sample, reference].map(({ files, transitions }, index) => {
    const own = transitions.all - transitions.polls;
    const most = budgets.transitions + budgets.transitionsPerFurtherFile * Math.max(0, files - 8);
    return judge(
      `The ${index === 0 ? 'sample' : 'reference'} recording of ${files} files took ${own} transitions, at most ${most}`,
      own <= most,
    );
  });
};
