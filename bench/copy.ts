import { join } from 'node:path';
import { createCertificate } from './copy/certificate.ts';
import { measure, type Measured } from './copy/measure.ts';
import { contestants, ours, type Contestant } from './copy/programs.ts';
import { quotaOf } from './copy/quota.ts';
import { buildPrograms, environmentOf, serve, type Running } from './copy/servers.ts';
import { budgets } from './budgets.ts';
import { withScratch } from './invoke-handler.ts';
import { judge, note, table, title, type Verdict } from './report.ts';

const MiB = 1_048_576;
const lambdaMemory = 512;
/** What a Lambda function gets, in and out, in bytes a second. */
const lambdaLine = 75_000_000;
const workerCounts = [1, 2, 4, 8];

type Run = (line: string, bytes: number, target: Running, prelude?: string) => Promise<Measured>;
type Best = { readonly megabytesPerSecond: number; readonly cpuPerGigabyte: number; readonly peakMiB: number };

const bestOf = (runs: readonly Measured[], bytes: number): Best => ({
  megabytesPerSecond: bytes / 1e6 / Math.min(...runs.map(({ seconds }) => seconds)),
  cpuPerGigabyte: Math.min(...runs.map(({ cpuSeconds }) => cpuSeconds)) / (bytes / 1e9),
  peakMiB: Math.max(...runs.map(({ peakBytes }) => peakBytes)) / MiB,
});

/**
 * One file from a host over TLS into S3 over TLS: our worker, and others in turn with it. COPY_MIB is the size of the
 * file, COPY_ROUNDS how often each copies it; the best run counts, since others may use the machine.
 */
export const copy = (): Promise<Verdict[]> =>
  withWorld(async ({ run, startSource, startSink, startS3, programs }) => {
    const bytes = Number(process.env.COPY_MIB ?? 2_048) * MiB;
    const rounds = Number(process.env.COPY_ROUNDS ?? 2);
    const { absent, present } = programs;
    title(`Copy of ${bytes / MiB} MiB, TLS to TLS, best of ${rounds}`);
    for (const program of absent) note(`${program} is not installed here, so it is left out.`);

    const verdicts: Verdict[] = [];
    await startSource();
    const sink = await startSink();
    const best = await race(present, rounds, (line) => run(line, bytes, sink), bytes);
    sink.stop();
    show('into a sink that throws everything away', best);
    for (const { name, bar } of present) if (bar) verdicts.push(judgeRatio(best, name, bar.atFullSpeed, 'as fast as'));
    verdicts.push(
      judge(
        `processor time is at most ${budgets.copyCpuPerGigabyte} s/GB`,
        (best.get(ours)?.cpuPerGigabyte ?? NaN) <= budgets.copyCpuPerGigabyte,
      ),
    );
    verdicts.push(judgeMemory(best.get(ours)));

    const s3 = await startS3();
    const takesStreams = present.filter(({ name }) => !name.endsWith('-T -'));
    show(
      "into the local cloud's S3, which verifies every checksum and writes to the disk",
      await race(takesStreams, 1, (line) => run(line, bytes, s3), bytes),
    );
    s3.stop();
    return [...verdicts, ...(await inLambda(run, startSource, startSink, present, bytes)), ...(await curve())];

    async function curve(): Promise<Verdict[]> {
      title(`Parts of one file by several workers, each on a line of ${lambdaLine / 1e6} MB/s`);
      await startSource(lambdaLine);
      const open = await startSink();
      const rows: string[][] = [];
      const line = present.find(({ name }) => name === ours)?.line ?? '';
      for (const workers of workerCounts) {
        const each = Array.from({ length: workers }, (_one, worker) => `WORKER=${worker} ${line} & pids+=" $!"`);
        const all = `pids=; ${each.join('; ')}; for pid in $pids; do wait $pid || exit 1; done`;
        const { megabytesPerSecond, cpuPerGigabyte } = bestOf(
          [await run(`WORKERS=${workers}; export WORKERS; ${all}`, bytes, open)],
          bytes,
        );
        rows.push([String(workers), megabytesPerSecond.toFixed(0), cpuPerGigabyte.toFixed(2)]);
      }
      open.stop();
      table(['workers', 'MB/s', 'CPU s/GB'], rows);
      return [];
    }
  });

/** The same memory whatever the length: 200 MB, 2 GB and 20 GB. It takes minutes, so it runs when it is named. */
export const copyMemory = (): Promise<Verdict[]> =>
  withWorld(async ({ run, startSource, startSink, programs }) => {
    title('Memory of a copy');
    await startSource();
    const sink = await startSink();
    const line = programs.present.find(({ name }) => name === ours)?.line ?? '';
    const verdicts: Verdict[] = [];
    for (const megabytes of [200, 2_000, 20_000]) {
      const bytes = megabytes * 1e6;
      const best = bestOf([await run(line, bytes, sink)], bytes);
      note(`${megabytes} MB: ${best.megabytesPerSecond.toFixed(0)} MB/s, ${best.cpuPerGigabyte.toFixed(2)} CPU s/GB`);
      verdicts.push(judgeMemory(best, `${megabytes} MB: `));
    }
    sink.stop();
    return verdicts;
  });

const race = async (
  programs: readonly Contestant[],
  rounds: number,
  run: (line: string) => Promise<Measured>,
  bytes: number,
): Promise<Map<string, Best>> => {
  const runs = new Map<string, Measured[]>(programs.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const { name, line } of programs) runs.get(name)?.push(await run(line));
  return new Map([...runs].map(([name, all]) => [name, bestOf(all, bytes)]));
};

const show = (heading: string, best: ReadonlyMap<string, Best>): void => {
  const mine = best.get(ours)?.megabytesPerSecond ?? NaN;
  const rows = [...best].map(([name, { megabytesPerSecond, cpuPerGigabyte, peakMiB }]) => [
    name,
    megabytesPerSecond.toFixed(0),
    cpuPerGigabyte.toFixed(2),
    peakMiB > 0 ? peakMiB.toFixed(0) : '-',
    name === ours ? '' : `${(mine / megabytesPerSecond).toFixed(2)}×`,
  ]);
  note(heading);
  table(['', 'MB/s', 'CPU s/GB', 'peak MiB', 'we are'], rows);
};

const judgeRatio = (best: ReadonlyMap<string, Best>, name: string, bar: number, how: string): Verdict => {
  const ratio = (best.get(ours)?.megabytesPerSecond ?? NaN) / (best.get(name)?.megabytesPerSecond ?? NaN);
  return judge(`at least ${bar}× ${how} ${name}: ${ratio.toFixed(2)}×`, ratio >= bar);
};

const judgeMemory = (best: Best | undefined, what = ''): Verdict =>
  judge(
    `${what}peak memory is at most ${budgets.copyPeakMiB} MiB: ${best?.peakMiB.toFixed(0)}`,
    (best?.peakMiB ?? NaN) <= budgets.copyPeakMiB,
  );

type World = {
  readonly run: Run;
  /** Another one takes the place of the one before. 0 bytes a second are no limit. */
  readonly startSource: (bytesPerSecond?: number) => Promise<Running>;
  readonly startSink: (bytesPerSecond?: number) => Promise<Running>;
  readonly startS3: () => Promise<Running>;
  readonly programs: ReturnType<typeof contestants>;
};

const inLambda = async (
  run: Run,
  startSource: World['startSource'],
  startSink: World['startSink'],
  present: readonly Contestant[],
  bytes: number,
): Promise<Verdict[]> => {
  title(`With the share of a processor that Lambda gives to ${lambdaMemory} MB`);
  const quota = quotaOf(lambdaMemory);
  if (!quota) {
    note('No control group can be made here (it takes root on Linux), so this is left out.');
    return [];
  }
  const size = Math.min(bytes, 512 * MiB);
  const onLine = async (heading: string, bytesPerSecond: number): Promise<Map<string, Best>> => {
    await startSource(bytesPerSecond);
    const sink = await startSink(bytesPerSecond);
    const best = await race(present, 1, (line) => run(line, size, sink, quota.prelude), size);
    sink.stop();
    show(`${size / MiB} MiB, one run each, ${heading}`, best);
    return best;
  };
  try {
    // On Lambda's own line whoever is fast enough waits for it, so that there no ratio can be large.
    await onLine(`on a line of ${lambdaLine / 1e6} MB/s each way`, lambdaLine);
    const best = await onLine('on a line without a limit', 0);
    return present.flatMap(({ name, bar }) =>
      bar?.inLambda ? [judgeRatio(best, name, bar.inLambda, 'as fast in a Lambda as')] : [],
    );
  } finally {
    quota.lift();
  }
};

const withWorld = (use: (world: World) => Promise<Verdict[]>): Promise<Verdict[]> =>
  withScratch(async (folder) => {
    const certificate = createCertificate(folder);
    if (!certificate) {
      note('There is no openssl here to make a certificate with, so the copies are left out.');
      return [];
    }
    const file = await buildPrograms(folder);
    const started: Running[] = [];
    const start = async (program: 'source' | 'sink' | 'local-s3', environment: Record<string, string>) => {
      const server = await serve(file(program), certificate, environment);
      started.push(server);
      return server;
    };
    const paced = (bytesPerSecond = 0): Record<string, string> => ({ BYTES_PER_SECOND: String(bytesPerSecond) });
    let source: Running | undefined;
    let keys = 0;
    const run: Run = (line, bytes, target, prelude) => {
      keys += 1;
      const job = { SOURCE_URL: `${source?.url}/${bytes}`, KEY: `copy-${keys}`, BYTES: String(bytes) };
      const environment = { ...environmentOf(target.url, certificate), ...job, CERT: certificate.cert };
      return measure(line, { environment, prelude });
    };
    try {
      return await use({
        run,
        startSource: async (bytesPerSecond) => {
          source?.stop();
          source = await start('source', paced(bytesPerSecond));
          return source;
        },
        startSink: (bytesPerSecond) => start('sink', paced(bytesPerSecond)),
        startS3: () => start('local-s3', { S3_FOLDER: join(folder, 's3') }),
        programs: contestants(file),
      });
    } finally {
      for (const server of started) server.stop();
    }
  });
