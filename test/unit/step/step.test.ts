import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { PermanentError, TransientError } from '../../../core/step/errors.ts';
import { listener } from '../../../core/step/listener.ts';
import { keepOutOfLogs } from '../../../core/step/log.ts';
import { step } from '../../../core/step/step.ts';
import { captureLog, lambdaContext, type CapturedLog } from '../../fakes/lambda.ts';

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => captured.release());

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    (value) => Promise.reject(new Error(`it did not fail, but answered ${JSON.stringify(value)}`)),
    (error: Error) => error,
  );

const input = z.object({ jobId: z.string(), index: z.number() });
const event = { jobId: 'zoom-1', index: 0 };
type Run = (task: z.output<typeof input>, signal: AbortSignal) => Promise<unknown>;
const handlerOf = (run: Run, progress?: (jobId: string, name: string) => Promise<void>) =>
  step({ name: 'DownloadPart', input, run, ...(progress ? { progress } : {}) });

/** Work that lasts until it is told to stop. */
const endless = (_: unknown, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('a step', () => {
  test('answers what its work returns, and says when it began and ended', async () => {
    const handler = handlerOf(async ({ index }) => ({ index }));
    expect(await handler({ ...event, ignored: true }, lambdaContext())).toEqual({ index: 0 });
    expect(captured.entries()).toEqual([
      expect.objectContaining({
        message: 'step started',
        step: 'DownloadPart',
        jobId: 'zoom-1',
        requestId: 'request-1',
      }),
      expect.objectContaining({ message: 'step ended', jobId: 'zoom-1', milliseconds: expect.any(Number) }),
    ]);
  });

  test('writes its progress before it works, and not for input that it refuses', async () => {
    const order: string[] = [];
    const handler = handlerOf(
      async () => order.push('run'),
      async (jobId, name) => void order.push(`${jobId} ${name}`),
    );
    await handler(event, lambdaContext());
    await failure(handler({ jobId: 'zoom-1' }, lambdaContext()));
    expect(order).toEqual(['zoom-1 DownloadPart', 'run']);
  });

  test('is tried again when its progress cannot be written', async () => {
    const handler = handlerOf(endless, () => Promise.reject(new Error('the table is away')));
    expect((await failure(handler(event, lambdaContext()))).name).toBe('TransientError');
  });

  test.each([
    [{ jobId: 'zoom-1', index: 'canary' }, 'index'],
    [{ index: 0 }, 'jobId'],
    [null, 'input'],
    ['canary', 'input'],
    [undefined, 'jobId'],
    [[event], 'input'],
  ])('refuses the input %j for good, and names the field', async (given, field) => {
    const error = await failure(handlerOf(endless)(given, lambdaContext()));
    expect(error).toMatchObject({ name: 'PermanentError', code: 'BAD_INPUT' });
    expect(error.message).toMatch(new RegExp(`^BAD_INPUT: ${field}: `));
    expect(error.message).not.toContain('canary');
  });

  test.each([
    [new TypeError('x is undefined'), 'TransientError', 'TypeError: x is undefined'],
    [new TransientError('Zoom answered 503'), 'TransientError', 'Zoom answered 503'],
    [new PermanentError('ZOOM_REFUSED', 'no'), 'PermanentError', 'ZOOM_REFUSED: no'],
    ['a text', 'TransientError', 'a value that is not an error was thrown: string'],
    [undefined, 'TransientError', 'a value that is not an error was thrown: undefined'],
  ])('that throws %p fails as such, and never answers it', async (thrown, name, message) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- libraries do
    const handler = handlerOf(() => Promise.reject(thrown));
    expect(await failure(handler(event, lambdaContext()))).toMatchObject({ name, message });
    expect(captured.entries().at(-1)).toMatchObject({
      level: 'error',
      message: 'step failed',
      error: { name, message },
    });
  });

  test('lets no secret out in its error or its log', async () => {
    keepOutOfLogs('canary-step');
    const handler = handlerOf(async () => {
      throw new Error('GET https://zoom.us/rec?sig=canary-url with canary-step', { cause: new Error('canary-step') });
    });
    const { message, stack } = await failure(handler(event, lambdaContext()));
    expect(`${message}${stack}${captured.text()}`).not.toContain('canary');
  });

  test('near the end of its time tells its work to stop, and is tried again', async () => {
    let stopped = false;
    const handler = handlerOf(async (task, signal) => {
      signal.addEventListener('abort', () => (stopped = true));
      return endless(task, signal);
    });
    // Lambda would end the function in 2 s: it keeps so much for its last words.
    const error = await failure(handler(event, lambdaContext(2_001)));
    expect(error).toMatchObject({
      name: 'TransientError',
      message: 'the time of this function ended before its work',
    });
    expect(stopped).toBe(true);
  });

  test('that does not listen near the end of its time fails all the same', async () => {
    const handler = handlerOf(() => new Promise(() => undefined));
    expect((await failure(handler(event, lambdaContext(0)))).name).toBe('TransientError');
  });

  test('does not hand a signal that is spent to the next invocation', async () => {
    const handler = handlerOf((task, signal) =>
      task.index === 0 ? endless(task, signal) : Promise.resolve(signal.aborted),
    );
    await failure(handler(event, lambdaContext(0)));
    expect(await handler({ ...event, index: 1 }, lambdaContext())).toBe(false);
  });
});

describe('a listener', () => {
  const detail = z.object({ detail: z.object({ name: z.string() }) });

  test('hands over the event, and answers nothing', async () => {
    const seen: unknown[] = [];
    const handler = listener({ name: 'executionEnded', event: detail, run: async (told) => void seen.push(told) });
    expect(await handler({ detail: { name: 'a', more: 1 } }, lambdaContext())).toBeUndefined();
    expect(seen).toEqual([{ detail: { name: 'a' } }]);
    expect(captured.entries()[0]).toMatchObject({ listener: 'executionEnded', message: 'event received' });
  });

  test('fails, so that the event comes again', async () => {
    const run = () => Promise.reject(new Error('the table is away'));
    const handler = listener({ name: 'executionEnded', event: detail, run });
    expect((await failure(handler({ detail: { name: 'a' } }, lambdaContext()))).name).toBe('TransientError');
    expect((await failure(handler({ detail: {} }, lambdaContext()))).name).toBe('PermanentError');
    expect((await failure(handler({ detail: { name: 'a' } }, lambdaContext(0)))).name).toBe('TransientError');
  });
});
