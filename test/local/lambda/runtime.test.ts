import { afterAll, afterEach, describe, expect, test } from '@jest/globals';

import type { LocalFunction, SandboxMode } from '../../../local/lambda/local-function.ts';
import { createLambda } from '../../../local/lambda/runtime.ts';
import type { InvocationReport, Lambda, LambdaOptions } from '../../../local/lambda/runtime.ts';
import { handlerFolder } from './handlers.ts';

const handlers = handlerFolder();
const open: Lambda[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((lambda) => lambda.close()));
});
afterAll(handlers.remove);

const echo = `export const handler = async (event) => event;`;

describe.each<SandboxMode>(['thread', 'process'])('a function in a %s', (mode) => {
  const start = (fns: LocalFunction | LocalFunction[], options: Partial<LambdaOptions> = {}) => {
    const lines: string[] = [];
    const reports: InvocationReport[] = [];
    const lambda = createLambda({
      functions: [fns].flat(),
      baseEnvironment: { AWS_REGION: 'us-east-1', FROM_BASE: 'base' },
      onLog: (entry) => lines.push(entry.line),
      onInvoke: (report) => reports.push(report),
      mode,
      ...options,
    });
    open.push(lambda);
    return { ...lambda, lines, reports };
  };

  test('gets its event as JSON and answers as JSON', async () => {
    const { invoke } = start(handlers.write('echo', echo));
    await expect(invoke('echo', { a: [1, 'ü', null], gone: undefined, at: new Date(0) })).resolves.toEqual({
      payload: { a: [1, 'ü', null], at: '1970-01-01T00:00:00.000Z' },
    });
  });

  test('answers null when it returns nothing', async () => {
    const { invoke } = start(handlers.write('nothing', `export const handler = async () => {};`));
    await expect(invoke('nothing', {})).resolves.toEqual({ payload: null });
  });

  test('is found by its name, its ARN and the version $LATEST, and by nothing else', async () => {
    const fn = handlers.write('echo', echo);
    const { invoke } = start(fn);
    await expect(invoke(fn.arn, 1)).resolves.toEqual({ payload: 1 });
    await expect(invoke(`${fn.arn}:$LATEST`, 2)).resolves.toEqual({ payload: 2 });
    await expect(invoke(`${fn.arn}:7`, 3)).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    await expect(invoke('other', 4)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('fails with the name and message of what it throws', async () => {
    const { invoke, reports } = start(
      handlers.write(
        'throws',
        `class X extends Error { constructor(m) { super(m); this.name = 'PermanentError'; } }
         export const handler = async () => { throw new X('GONE: the recording was deleted'); };`,
      ),
    );
    const outcome = await invoke('throws', {});
    expect(outcome).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'PermanentError', errorMessage: 'GONE: the recording was deleted' },
    });
    expect((outcome.payload as { trace: string[] }).trace[0]).toContain('GONE');
    expect(reports[0]?.error).toBe('PermanentError');
  });

  test.each([
    ['a string', `throw 'no'`, { errorType: 'string', errorMessage: 'no' }],
    ['nothing at all', `throw undefined`, { errorType: 'handled' }],
    [
      'an answer that has no JSON form',
      `return { a: 1n }`,
      { errorType: 'Error', errorMessage: 'Unable to stringify response body' },
    ],
  ])('fails in the way of Lambda on %s', async (_what, body, payload) => {
    const { invoke } = start(handlers.write('odd', `export const handler = async () => { ${body} };`));
    await expect(invoke('odd', {})).resolves.toMatchObject({ functionError: 'Unhandled', payload });
  });

  test.each([
    ['waits for ever', `await new Promise(() => setInterval(() => {}, 1000))`],
    ['never comes back', `for (;;);`],
  ])('is stopped at its declared timeout when it %s', async (_what, body) => {
    const fn = handlers.write(
      'hangs',
      `export const handler = async (event) => { if (event.hang) ${body}; return 'fine'; };`,
      {
        timeoutSeconds: 0.25,
      },
    );
    const { invoke } = start({ ...fn });
    const outcome = await invoke('hangs', { hang: true });
    expect(outcome).toMatchObject({ functionError: 'Unhandled', payload: { errorType: 'Sandbox.Timedout' } });
    expect((outcome.payload as { errorMessage: string }).errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.25 seconds$/,
    );
  });

  test('reports an exit as Lambda does and runs again in a fresh environment', async () => {
    const { invoke, reports } = start(
      handlers.write(
        'exits',
        `export const handler = async ({ code }) => { if (code === undefined) return 'fine'; process.exit(code); };`,
      ),
    );
    await expect(invoke('exits', { code: 3 })).resolves.toMatchObject({
      payload: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 3$/),
      },
    });
    await expect(invoke('exits', { code: 0 })).resolves.toMatchObject({
      payload: { errorMessage: expect.stringMatching(/Runtime exited without providing a reason$/) },
    });
    await expect(invoke('exits', {})).resolves.toEqual({ payload: 'fine' });
    expect(reports.map((report) => report.coldStart)).toEqual([true, true, true]);
  });

  test('reports what nobody caught', async () => {
    const { invoke } = start([
      handlers.write(
        'uncaught',
        `export const handler = () => new Promise(() => setTimeout(() => { throw new RangeError('late'); }, 1));`,
      ),
      handlers.write(
        'rejected',
        `export const handler = () => new Promise(() => { Promise.reject(new Error('lost')); });`,
      ),
    ]);
    await expect(invoke('uncaught', {})).resolves.toMatchObject({
      payload: { errorType: 'RangeError', errorMessage: 'late' },
    });
    await expect(invoke('rejected', {})).resolves.toMatchObject({
      payload: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' },
    });
  });

  test('says why it could not be loaded', async () => {
    const { invoke } = start([
      handlers.write('import', `import 'no-such-package'; export const handler = async () => 1;`),
      handlers.write('export', `export const other = 1;`),
      handlers.write('syntax', `export const handler = async () => {`),
      handlers.write('config', `throw Object.assign(new Error('JOBS_TABLE is missing'), { name: 'PermanentError' });`),
      handlers.write('callback', `export const handler = (event, context, callback) => callback(null, 1);`),
    ]);
    const typeOf = async (name: string) => ((await invoke(name, {})).payload as { errorType: string }).errorType;
    expect(await typeOf('import')).toBe('Runtime.ImportModuleError');
    expect(await typeOf('export')).toBe('Runtime.HandlerNotFound');
    expect(await typeOf('syntax')).toBe('Runtime.UserCodeSyntaxError');
    expect(await typeOf('config')).toBe('PermanentError');
    expect(await typeOf('callback')).toBe('Runtime.CallbackHandlerDeprecated');
  });

  test('sees the variables of Lambda, of the cloud and its own, and no others', async () => {
    process.env['RAPPORTEUR_TEST_LEAK'] = 'leaked';
    const fn = handlers.write('env', `export const handler = async () => process.env;`, {
      environment: { STAGE: 'local' },
      memoryMb: 256,
      handler: 'functions/env/handler.handler',
      taskRoot: '/somewhere',
    });
    const { invoke } = start(fn);
    const { payload } = await invoke('env', {});
    delete process.env['RAPPORTEUR_TEST_LEAK'];
    expect(payload).toMatchObject({
      STAGE: 'local',
      FROM_BASE: 'base',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: '/somewhere',
      _HANDLER: 'functions/env/handler.handler',
    });
    expect(payload).not.toHaveProperty('RAPPORTEUR_TEST_LEAK');
    expect(payload).not.toHaveProperty('HOME');
  });

  test('keeps its own environment: what it sets is not seen by another function', async () => {
    const source = `export const handler = async ({ set }) => { if (set) process.env.MARK = set; return process.env.MARK ?? null; };`;
    const { invoke } = start([handlers.write('one', source), handlers.write('two', source)]);
    await invoke('one', { set: 'one' });
    await expect(invoke('one', {})).resolves.toEqual({ payload: 'one' });
    await expect(invoke('two', {})).resolves.toEqual({ payload: null });
    expect(process.env['MARK']).toBeUndefined();
  });

  test('is given the context of Lambda', async () => {
    const fn = handlers.write(
      'context',
      `export const handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });`,
      { timeoutSeconds: 600 },
    );
    const { payload } = (await start(fn).invoke('context', {})) as { payload: Record<string, unknown> };
    expect(payload).toMatchObject({
      functionName: 'context',
      functionVersion: '$LATEST',
      invokedFunctionArn: fn.arn,
      memoryLimitInMB: '128',
      callbackWaitsForEmptyEventLoop: true,
      logGroupName: '/aws/lambda/context',
    });
    expect(payload['awsRequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload['remaining']).toBeGreaterThan(500_000);
    expect(payload['remaining']).toBeLessThanOrEqual(600_000);
  });

  test('is used again while it is warm, and loaded once', async () => {
    const { invoke, reports, lines } = start(
      handlers.write('warm', `console.log('loading'); let n = 0; export const handler = async () => ++n;`),
    );
    expect(await invoke('warm', {})).toEqual({ payload: 1 });
    expect(await invoke('warm', {})).toEqual({ payload: 2 });
    expect(reports.map((report) => report.coldStart)).toEqual([true, false]);
    expect(reports[0]?.billedMs).toBeGreaterThan(reports[0]?.durationMs ?? Infinity);
    expect(lines).toEqual(['loading']);
  });

  test('has every line of its output told with the invocation it belongs to', async () => {
    const entries: { requestId: string; line: string }[] = [];
    const { invoke } = start(
      handlers.write(
        'talks',
        `export const handler = async (event, { awsRequestId }) => {
           console.log('first ' + event + '\\nsecond'); console.error('third'); process.stdout.write('no newline');
           return awsRequestId;
         };`,
      ),
      { onLog: (entry) => entries.push(entry) },
    );
    const ids = [(await invoke('talks', 'a')).payload, (await invoke('talks', 'b')).payload];
    expect(entries.map(({ requestId, line }) => [ids.indexOf(requestId), line])).toEqual(
      [0, 1].flatMap((i) => [`first ${'ab'[i]}`, 'second', 'third', 'no newline'].map((line) => [i, line])),
    );
  });

  test('is spared the advice of the SDK about the Node of this machine, and nothing else', async () => {
    const { invoke, lines } = start(
      handlers.write(
        'warns',
        `export const handler = () => new Promise((resolve) => {
           process.emitWarning('upgrade', 'NodeVersionSupportWarning'); process.emitWarning('mind this', 'OtherWarning');
           setTimeout(resolve, 1);
         });`,
      ),
    );
    await invoke('warns', {});
    expect(lines.join(' ')).toContain('OtherWarning: mind this');
    expect(lines.join(' ')).not.toContain('upgrade');
  });

  test('takes and answers large payloads, and fails above 6 MB', async () => {
    const { invoke } = start(
      handlers.write(
        'big',
        `export const handler = async ({ size, text }) => (text === undefined ? 'x'.repeat(size) : text.length);`,
      ),
    );
    await expect(invoke('big', { text: 'y'.repeat(5_000_000) })).resolves.toEqual({ payload: 5_000_000 });
    expect(((await invoke('big', { size: 6_000_000 })).payload as string).length).toBe(6_000_000);
    await expect(invoke('big', { size: 6_400_000 })).resolves.toMatchObject({
      payload: { errorType: 'Function.ResponseSizeTooLarge' },
    });
    await expect(invoke('big', { text: 'y'.repeat(6_400_000) })).rejects.toMatchObject({
      code: 'RequestTooLargeException',
      status: 413,
    });
  });

  test('that outgrows its memory is ended and says so', async () => {
    const fn = handlers.write(
      'greedy',
      `export const handler = async () => { const all = []; for (;;) all.push(Array.from({ length: 10_000 }, (_, i) => ({ i }))); };`,
      { memoryMb: 32 },
    );
    await expect(start(fn).invoke('greedy', {})).resolves.toMatchObject({
      payload: { errorType: 'Runtime.OutOfMemory' },
    });
  });
});
