import { describe, expect, test } from '@jest/globals';
import { PermanentError, TransientError } from '../../core/step/errors.ts';
import { executionEnded } from '../../functions/events/execution-ended/execution-ended.ts';
import { allStates, camel, readMachine } from '../../statemachines/read-machines.ts';
import { fakeJobs } from '../fakes/jobs.ts';
import { loadMachine, type FakeFunction, type MachineResult } from '../fakes/machine.ts';

const jobId = 'zoom-0123456789abcdef01234567';
const tasks = allStates(readMachine('recording.yml')).flatMap(([name, state]) => (state.Type === 'Task' ? [name] : []));
/** The machine goes on without insights; every other task ends it. */
const fatal = tasks.filter((name) => name !== 'FindInsights');
/** What is heard is read where Zoom's words are. */
const speech = ['StartTranscription', 'AwaitTranscription'];
const indexes = [0, 1, 2];
/** The second file is shared by three workers. */
const plan = {
  planKey: 'jobs/plan.json',
  items: [
    { index: 0, part: 0 },
    { index: 1, part: 0 },
    { index: 1, part: 1 },
    { index: 1, part: 2 },
    { index: 2, part: 0 },
  ],
  files: indexes,
  oversized: false,
};
const planOf = (count: number) => ({
  ...plan,
  items: Array.from({ length: count }, (_, index) => ({ index, part: 0 })),
  files: Array.from({ length: count }, (_, index) => index),
});

/** The machine with functions that all succeed, and a job row that they and the end of the execution write to. */
const setUp = async (broken: Record<string, FakeFunction> = {}, { oversized = false, silent = false } = {}) => {
  const jobs = fakeJobs();
  let isLeft = oversized;
  let isUnheard = silent;
  await jobs.announce({ jobId, source: 'zoom', origin: 'webhook', meetingUuid: 'u', files: [], reopens: true });
  const answers: Record<string, unknown> = {
    FetchMetadata: { jobId, decision: 'download' },
    PlanDownload: plan,
    DownloadPart: { index: 0, part: 0, outcome: 'received' },
    FinishFile: { index: 0, outcome: 'archived' },
    PlanMerge: { indexes: [0, 1], oversized: false },
    MergeMedia: { index: 0, outcome: 'done' },
    StartTranscription: { decision: 'started' },
    CloseJob: { isComplete: true },
  };
  const functions: Record<string, FakeFunction> = Object.fromEntries(
    tasks.map((name) => [
      camel(name),
      async (payload, call) => {
        await jobs.progress(jobId, name);
        const answer: unknown = broken[name] ? await broken[name](payload, call) : (answers[name] ?? {});
        if (name === 'PlanDownload' && !broken[name]) return { ...plan, oversized: isLeft };
        if (name === 'ReadTranscript' && !broken[name]) return { decision: isUnheard ? 'speech' : 'ready' };
        if (name === 'LaunchMediaTask' || name === 'AwaitTranscription') {
          // As the task does it when all is copied, and who hears of the end of speech recognition.
          if (name === 'LaunchMediaTask') isLeft = false;
          else isUnheard = false;
          const { taskToken } = payload as { taskToken: string };
          await machine.engine.operations.SendTaskSuccess?.({ taskToken, output: '{}' } as never);
        }
        if (name === 'CloseJob') {
          await jobs.see(jobId, 1);
          await jobs.close(jobId, 1, 'done');
        }
        return answer;
      },
    ]),
  );
  const machine = loadMachine('statemachines/recording.yml', functions);
  const ended = executionEnded({ jobs, machine: { start: () => Promise.resolve() } });
  /** What EventBridge tells of an execution that ended badly. */
  const tell = async ({ status, error, cause }: MachineResult): Promise<void> => {
    if (status === 'SUCCEEDED') return;
    await ended({
      detail: { executionArn: 'arn', name: `${jobId}-1`, status: status as 'FAILED', error, cause },
    });
  };
  return { jobs, machine, tell };
};

const always =
  (error: Error): FakeFunction =>
  () => {
    throw error;
  };

/** States that run once for each item of a Map. */
const inMaps = new Set(['DownloadPart', 'FinishFile', 'MergeMedia']);

const timedOut = new Error('RequestId: 1 Error: Task timed out after 60.00 seconds');
timedOut.name = 'Sandbox.Timedout';

/** Kind of failure, how it is made, how often the state is tried, the code in the job row. */
const kinds: [kind: string, make: () => FakeFunction, tries: number, code: string][] = [
  ['a permanent error', () => always(new PermanentError('ZOOM_REFUSED', 'invalid_client')), 1, 'ZOOM_REFUSED'],
  ['a transient error that does not pass', () => always(new TransientError('429 from Zoom')), 9, 'STILL_FAILING'],
  ['an exception nobody foresaw', () => always(new TypeError('x is undefined')), 9, 'UNEXPLAINED'],
  ["the function's time-out", () => always(timedOut), 9, 'TOOK_TOO_LONG'],
  ['a function that never answers', () => (_payload, call) => call.hang(), 9, 'TOOK_TOO_LONG'],
];

describe.each(kinds)('after %s', (_kind, make, tries, code) => {
  test.each(fatal)(
    'the execution fails at %s, the job says why and what to do, and a redrive goes on there',
    async (name) => {
      const broken: Record<string, FakeFunction> = { [name]: make() };
      const isTask = name === 'LaunchMediaTask';
      const isSpeech = speech.includes(name);
      const { jobs, machine, tell } = await setUp(broken, { oversized: isTask, silent: isSpeech });
      const failed = await machine.run({ jobId });
      await tell(failed);

      expect(failed.status).toBe('FAILED');
      const perFile = inMaps.has(name);
      const attempts = failed.calls[camel(name)]?.length ?? 0;
      // The first iteration to give up ends the Map; its siblings may have tried as often.
      expect(attempts).toBeGreaterThanOrEqual(tries);
      expect(attempts).toBeLessThanOrEqual(perFile ? tries * plan.items.length : tries);
      const job = await jobs.get(jobId);
      expect(job).toMatchObject({ status: 'failed', step: name, failure: { code } });
      expect(job?.failure?.sentence).toMatch(/\.$/);
      expect(job?.failure?.action).toMatch(/\.$/);

      delete broken[name];
      const done = await failed.redrive();
      await tell(done);
      expect(done.status).toBe('SUCCEEDED');
      expect(done.visited.at(-1)).toBe('Done');
      // What a task has done is planned again, and found done.
      const read = isSpeech ? ['ReadTranscript', ...speech] : [];
      const again = isTask ? tasks.slice(tasks.indexOf('PlanDownload')) : read;
      const before = tasks.slice(0, tasks.indexOf(name)).filter((one) => !again.includes(one));
      for (const finished of before) expect(done.calls[camel(finished)]).toBeUndefined();
      expect(await jobs.get(jobId)).toMatchObject({ status: 'done' });
      expect((await jobs.get(jobId))?.failure).toBeUndefined();
    },
  );

  test('a recording without insights is mailed and closed all the same', async () => {
    const { jobs, machine } = await setUp({ FindInsights: make() });
    const result = await machine.run({ jobId });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.visited.slice(-4)).toEqual(['SendSummary', 'CloseJob', 'IsComplete', 'Done']);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'done' });
  });
});

describe('the recording machine', () => {
  test('visits its states in the order of a recording', async () => {
    const { machine } = await setUp();
    const { status, visited, calls } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => !inMaps.has(name))).toEqual([
      ...['FetchMetadata', 'IsWanted', 'PlanDownload', 'DownloadParts', 'FinishFiles', 'IsFetched'],
      ...['PlanMerge', 'MergeFiles', 'IsMerged', 'ReadTranscript', 'IsTranscribed', 'FindInsights'],
      ...['SendSummary', 'CloseJob', 'IsComplete', 'Done'],
    ]);
    expect(visited.lastIndexOf('DownloadPart')).toBeLessThan(visited.indexOf('FinishFiles'));
    const { planKey } = plan;
    expect(calls.downloadPart).toMatchObject(plan.items.map((item) => ({ jobId, planKey, ...item })));
    expect(calls.finishFile).toMatchObject(indexes.map((index) => ({ jobId, planKey, index })));
    expect(calls.mergeMedia).toMatchObject([0, 1].map((index) => ({ jobId, index })));
  });

  test('plans again what is not whole, until it is', async () => {
    let looks = 0;
    const { machine } = await setUp({
      FinishFile: ({ index }: { index: number }) => ({
        index,
        outcome: index === 1 && (looks += 1) < 3 ? 'again' : 'archived',
      }),
    });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => name === 'PlanDownload')).toHaveLength(3);
    expect(visited.filter((name) => name === 'ReadTranscript')).toHaveLength(1);
  });

  test('leaves to a media task what is too much for a function, and plans again when that is done', async () => {
    const { machine } = await setUp({}, { oversized: true });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    const [first, ...others] = visited.flatMap((name, index) => (name === 'LaunchMediaTask' ? [index] : []));
    expect(others).toEqual([]);
    expect(visited.slice((first ?? 0) - 1, (first ?? 0) + 2)).toEqual(['IsFetched', 'LaunchMediaTask', 'PlanDownload']);
    expect(visited.filter((name) => name === 'PlanMerge')).toHaveLength(1);
  });

  test('has its sound heard where Zoom delivers no words, and reads what was heard', async () => {
    const { machine } = await setUp({}, { silent: true });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.slice(visited.indexOf('ReadTranscript'), visited.indexOf('FindInsights'))).toEqual([
      ...['ReadTranscript', 'IsTranscribed', 'StartTranscription', 'IsStarted', 'AwaitTranscription'],
      ...['ReadTranscript', 'IsTranscribed'],
    ]);
  });

  test('waits for a place at the provider as long as it takes, without burning attempts', async () => {
    let asked = 0;
    const busy = () => ((asked += 1) < 30 ? { decision: 'busy', waitSeconds: 90 } : { decision: 'started' });
    const { machine } = await setUp({ StartTranscription: busy }, { silent: true });
    const { status, visited, seconds } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => name === 'WaitForCapacity')).toHaveLength(29);
    expect(visited.filter((name) => name === 'AwaitTranscription')).toHaveLength(1);
    expect(seconds).toBe(29 * 90);
  });

  test('goes on when nothing could be started', async () => {
    const answers = [{ decision: 'speech' }, { decision: 'none' }];
    const { machine } = await setUp({
      ReadTranscript: () => answers.shift(),
      StartTranscription: () => ({ decision: 'settled' }),
    });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited).not.toContain('AwaitTranscription');
    expect(visited).toContain('FindInsights');
  });

  test("waits for Zoom's transcript, and fetches first what was announced meanwhile", async () => {
    const wait = { decision: 'wait', waitSeconds: 60 };
    const answers = [wait, wait, { decision: 'news' }, { decision: 'ready' }];
    const { machine } = await setUp({ ReadTranscript: () => answers.shift() });
    const { status, visited, seconds } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => name === 'WaitForTranscript')).toHaveLength(2);
    expect(visited.filter((name) => name === 'PlanDownload')).toHaveLength(2);
    expect(seconds).toBe(120);
  });

  test('hands every step ids and keys only', async () => {
    const { machine } = await setUp();
    const { calls } = await machine.run({ jobId });
    const allowed = new Set(['jobId', 'planKey', 'index', 'part', 'executionArn', 'executionName', 'redriveCount']);
    for (const payload of Object.values(calls).flat()) {
      for (const field of Object.keys(payload as object)) expect(allowed).toContain(field);
    }
  });

  test('waits for Zoom as long as it is told, without burning attempts', async () => {
    let looks = 0;
    const { machine } = await setUp({
      FetchMetadata: () => {
        looks += 1;
        return looks < 30 ? { jobId, decision: 'wait', waitSeconds: 60 } : { jobId, decision: 'download' };
      },
    });
    const { status, visited, seconds } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => name === 'WaitForZoom')).toHaveLength(29);
    expect(seconds).toBe(29 * 60);
  });

  test('keeps its job when it was started by hand and had to wait', async () => {
    let looks = 0;
    const { machine } = await setUp({
      FetchMetadata: () => {
        looks += 1;
        return looks === 1 ? { jobId, decision: 'wait', waitSeconds: 30 } : { jobId, decision: 'download' };
      },
    });
    const { calls } = await machine.run({ meetingUuid: 'abcdefgh' });
    const [first, second] = calls.fetchMetadata ?? [];
    const about = { executionArn: expect.stringContaining('run-1') as unknown, redriveCount: 0 };
    expect(first).toEqual({ meetingUuid: 'abcdefgh', ...about });
    expect(second).toEqual({ jobId, ...about });
  });

  test('ends a recording that is not wanted as Rejected, which is no failure', async () => {
    const { machine } = await setUp({ FetchMetadata: () => ({ jobId, decision: 'reject', reason: 'too short' }) });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited).toEqual(['FetchMetadata', 'IsWanted', 'Rejected']);
  });

  test('plans again when files were announced while it ran', async () => {
    let closes = 0;
    const { machine } = await setUp({ CloseJob: () => ({ isComplete: (closes += 1) > 1 }) });
    const { status, visited } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(visited.filter((name) => name === 'PlanDownload')).toHaveLength(2);
  });

  test('needs no iteration when nothing is left to fetch', async () => {
    const { machine } = await setUp({ PlanDownload: () => planOf(0) });
    const { status, calls } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(calls.downloadPart).toBeUndefined();
  });

  test('enters at most 40 states for 8 files and two merges, and 3 for each further file', async () => {
    const statesFor = async (files: number): Promise<number> => {
      const { machine } = await setUp({ PlanDownload: () => planOf(files) });
      return (await machine.run({ jobId })).visited.length;
    };
    const eight = await statesFor(8);
    expect(eight).toBeLessThanOrEqual(40);
    expect(await statesFor(9)).toBeLessThanOrEqual(eight + 3);
  });

  test('carries a recording of 500 files within the limits of payload and history', async () => {
    const { machine } = await setUp({ PlanDownload: () => planOf(500) });
    const { status, history, calls } = await machine.run({ jobId });
    expect(status).toBe('SUCCEEDED');
    expect(calls.finishFile).toHaveLength(500);
    expect(history.length).toBeLessThan(25_000);
    expect(Math.max(...history.map((event) => JSON.stringify(event).length))).toBeLessThan(32_000);
  });
});
