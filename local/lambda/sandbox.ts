import { randomBytes } from 'node:crypto';

import type { LambdaOutcome } from '../lambda-outcome.ts';
import { openChannel } from './channel.ts';
import type { WorkerMessage } from './channel.ts';
import { logGroupName, sandboxEnvironment } from './environment.ts';
import type { LocalFunction, SandboxMode } from './local-function.ts';
import { answered, died, failed, timedOut } from './outcomes.ts';
import type { Death, Failure } from './outcomes.ts';

/** Lambda gives the loading of a function 10 s, and then once more the function's own time. */
const INIT_SECONDS = 10;

export interface SandboxOptions {
  readonly mode: SandboxMode;
  readonly workerFile: string;
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** `requestId` is that of the invocation under way, or of the last one; empty while the function loads. */
  readonly onLine: (requestId: string, line: string) => void;
  readonly onDeath: () => void;
}

/** One execution environment: loaded once, then good for one invocation at a time until it dies. */
export interface Sandbox {
  /** Resolves once the handler is loaded, or with the reason why it could not be. */
  readonly loaded: Promise<((requestId: string) => LambdaOutcome) | undefined>;
  readonly pid: number | undefined;
  readonly initMs: () => number;
  readonly alive: () => boolean;
  readonly invocations: () => number;
  invoke(requestId: string, event: string): Promise<LambdaOutcome>;
  kill(): Promise<void>;
}

export const startSandbox = (fn: LocalFunction, options: SandboxOptions): Sandbox => {
  const startedAt = performance.now();
  const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
  let alive = true;
  let initMs = 0;
  let invocations = 0;
  let current = '';
  let lastFailure: Failure | undefined;
  let settle: ((outcome: LambdaOutcome) => void) | undefined;
  let settleLoad: ((failure: ((requestId: string) => LambdaOutcome) | undefined) => void) | undefined;
  const partial = { stdout: '', stderr: '' };

  const write = (stream: 'stdout' | 'stderr', text: string): void => {
    const lines = (partial[stream] + text).split('\n');
    partial[stream] = lines.pop() ?? '';
    for (const line of lines) options.onLine(current, line);
  };
  const flush = (): void => {
    for (const stream of ['stdout', 'stderr'] as const) if (partial[stream] !== '') write(stream, '\n');
  };
  const endLoad = (failure?: (requestId: string) => LambdaOutcome): void => {
    initMs ||= performance.now() - startedAt;
    settleLoad?.(failure);
  };
  const onMessage = (message: WorkerMessage): void => {
    if (message.type === 'output') return write(message.stream, message.text);
    if (message.type === 'ready') return endLoad();
    if (message.type === 'initFailed') return endLoad(() => failed(message.failure));
    if (message.type === 'failure') lastFailure = message.failure;
    if (message.type !== 'result' || message.requestId !== current) return;
    settle?.(message.failure ? failed(message.failure) : answered(message.json ?? 'null'));
  };
  const onDeath = (death: Death): void => {
    alive = false;
    flush();
    const reason = (requestId: string): LambdaOutcome => (lastFailure ? failed(lastFailure) : died(requestId, death));
    endLoad(reason);
    settle?.(reason(current));
    options.onDeath();
  };

  const loaded = new Promise<((requestId: string) => LambdaOutcome) | undefined>((resolve) => {
    const seconds = INIT_SECONDS + fn.timeoutSeconds;
    const timer = setTimeout(() => {
      endLoad((requestId) => timedOut(requestId, seconds));
      void channel.kill();
    }, seconds * 1000);
    settleLoad = (failure) => {
      clearTimeout(timer);
      settleLoad = undefined;
      resolve(failure);
    };
  });
  const channel = openChannel(options.mode, {
    workerFile: options.workerFile,
    environment: sandboxEnvironment(fn, options.baseEnvironment, logStreamName),
    memoryMb: fn.memoryMb,
    onMessage,
    onRawOutput: write,
    onDeath,
  });
  channel.send({
    type: 'start',
    entryFile: fn.entryFile,
    exportName: fn.exportName,
    functionName: fn.name,
    functionArn: fn.arn,
    memoryMb: fn.memoryMb,
    logGroupName: logGroupName(fn),
    logStreamName,
  });

  const invoke = async (requestId: string, event: string): Promise<LambdaOutcome> => {
    current = requestId;
    invocations += 1;
    const milliseconds = fn.timeoutSeconds * 1000;
    const outcome = await new Promise<LambdaOutcome>((resolve) => {
      settle = resolve;
      const timer = setTimeout(() => {
        alive = false;
        resolve(timedOut(requestId, fn.timeoutSeconds));
        void channel.kill();
      }, milliseconds);
      settle = (value) => {
        clearTimeout(timer);
        resolve(value);
      };
      if (!alive) return settle(died(requestId, { code: 1, signal: null, outOfMemory: false }));
      channel.send({ type: 'invoke', requestId, event, deadline: Date.now() + milliseconds });
    });
    settle = undefined;
    flush();
    return outcome;
  };

  return {
    loaded,
    pid: channel.pid,
    initMs: () => initMs,
    alive: () => alive,
    invocations: () => invocations,
    invoke,
    kill: async () => {
      alive = false;
      await channel.kill();
    },
  };
};
