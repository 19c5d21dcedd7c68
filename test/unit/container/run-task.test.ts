import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runTask, type TaskPorts } from '../../../container/media/run-task.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';

const orders = { jobId: 'zoom-1', round: 2 };
const token = 'the-token-of-round-two';
const row = { round: 2, token, startedBy: 'zoom-1/x/0', launches: 1, planKey: 'jobs/plan.json' };

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

/** Notes what was said to the state machine; `heard` is how many beats somebody listens to. */
const setUp = (
  work: TaskPorts['work'],
  { heard = Infinity, beat }: { heard?: number; beat?: () => Promise<boolean> } = {},
) => {
  const said: string[] = [];
  let beats = 0;
  const stop = new AbortController();
  const run = runTask({
    rows: { get: async () => row },
    answers: {
      beat: beat ?? (async () => ++beats <= heard),
      succeed: async (to, output) => {
        said.push(`success ${to === token} ${JSON.stringify(output)}`);
        return beats <= heard;
      },
      fail: async (to, { name, message }) => {
        said.push(`failure ${to === token} ${name}: ${message}`);
        return beats <= heard;
      },
    },
    work,
    beatMillis: 1,
  });
  return { said, stop, beats: () => beats, run: () => run(orders, stop.signal) };
};

const untilStopped = (_jobId: string, _task: unknown, signal: AbortSignal): Promise<object> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('the media task', () => {
  test('does the work and tells the state that waits, with what it did', async () => {
    const { run, said } = setUp(async () => ({ files: 1 }));
    expect(await run()).toBe('done');
    expect(said).toEqual(['success true {"files":1}']);
  });

  test('beats for as long as the work takes', async () => {
    const seen = { beats: () => 0 };
    const made = setUp(async () => {
      while (seen.beats() < 5) await new Promise((resolve) => setTimeout(resolve, 1));
      return {};
    });
    seen.beats = made.beats;
    expect(await made.run()).toBe('done');
    expect(made.beats()).toBeGreaterThanOrEqual(5);
  });

  test('tells why it failed under the name that decides about a retry', async () => {
    const permanent = setUp(() => Promise.reject(new PermanentError('DOWNLOAD_REFUSED', 'f1')));
    expect(await permanent.run()).toBe('failed');
    expect(permanent.said).toEqual(['failure true PermanentError: DOWNLOAD_REFUSED: f1']);
    const unforeseen = setUp(() => Promise.reject(new TypeError('x is undefined')));
    expect(await unforeseen.run()).toBe('failed');
    expect(unforeseen.said).toEqual(['failure true TransientError: TypeError: x is undefined']);
  });

  test('of an earlier round says and does nothing', async () => {
    const said: string[] = [];
    const answers = {
      beat: async () => Boolean(said.push('beat')),
      succeed: async () => Boolean(said.push('success')),
      fail: async () => Boolean(said.push('failure')),
    };
    const rows = { get: async () => ({ ...row, round: 3 }) };
    const run = runTask({ rows, answers, work: async () => ({}), beatMillis: 1 });
    expect(await run(orders, new AbortController().signal)).toBe('superseded');
    expect(said).toEqual([]);
  });

  test('ends its work when nobody waits for it any more', async () => {
    const { run, said } = setUp(untilStopped, { heard: 2 });
    expect(await run()).toBe('unheard');
    expect(said).toEqual([]);
  });

  test('told to stop it ends its work and says at once that it can be gone on with', async () => {
    const { run, said, stop } = setUp(untilStopped);
    const ended = run();
    stop.abort(new Error('told to stop'));
    expect(await ended).toBe('told-to-stop');
    expect(said).toEqual(['failure true TransientError: the task was told to stop']);
  });

  test('outlives beats that do not get through', async () => {
    let tries = 0;
    const beat = async () => {
      tries += 1;
      if (tries < 3) throw new Error('ECONNRESET');
      return true;
    };
    const { run } = setUp(
      async () => {
        while (tries < 4) await new Promise((resolve) => setTimeout(resolve, 1));
        return {};
      },
      { beat },
    );
    expect(await run()).toBe('done');
  });

  test('keeps its token out of its log', async () => {
    const { run } = setUp(() => Promise.reject(new Error(`refused ${token}`)));
    await run();
    expect(JSON.stringify(captured.entries())).not.toContain(token);
  });
});
