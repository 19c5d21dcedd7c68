import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { AwsError } from '../gateway/aws-error.ts';
import type { Service } from '../gateway/service.ts';
import type { InvokeFunction, LambdaOutcome } from '../lambda-outcome.ts';
import { projectRoot } from '../root.ts';
import { lambdaService } from './invocation-api.ts';
import type { LocalFunction, SandboxMode } from './local-function.ts';
import { REQUEST_LIMIT } from './outcomes.ts';
import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { startSandbox } from './sandbox.ts';

/** What one invocation took, as the REPORT line of Lambda's log says it. */
export interface InvocationReport {
  readonly function: string;
  readonly requestId: string;
  readonly durationMs: number;
  /** Whole milliseconds, loading included, as Lambda bills them. */
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly coldStart: boolean;
  readonly error?: string;
}

export interface LambdaOptions {
  readonly functions: readonly LocalFunction[];
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly onLog?: (entry: { function: string; requestId: string; line: string }) => void;
  readonly onInvoke?: (report: InvocationReport) => void;
  readonly mode?: SandboxMode;
  /** The most invocations of one function at once, where the function does not say; further ones wait. */
  readonly concurrency?: number;
  readonly idleMs?: number;
  /** The pauses before an asynchronous invocation is repeated. */
  readonly asyncRetryDelaysMs?: readonly number[];
}

export interface Lambda {
  /** Rejects for a function or payload that Lambda would refuse, when `signal` aborts (the function runs on), and after close. */
  readonly invoke: InvokeFunction;
  readonly service: Service;
  /** The live environments; `pid` is there in process mode, for tests that kill one. */
  readonly environments: () => { readonly function: string; readonly pid: number | undefined }[];
  readonly close: () => Promise<void>;
}

export const createLambda = (options: LambdaOptions): Lambda => {
  const workerFile = join(projectRoot(), 'local/lambda/worker.mjs');
  const pools = new Map<LocalFunction, Pool>();
  let closed: Error | undefined;

  const find = (nameOrArn: string): LocalFunction => {
    // Names hold no colon, so what follows one is a qualifier; only the unpublished version exists.
    const [, wanted, qualifier] = /^(?:arn:[^:]+:lambda:[^:]*:\d+:function:)?([^:]+)(?::(.+))?$/.exec(nameOrArn) ?? [];
    const fn = options.functions.find(({ name }) => name === wanted);
    if (!fn || (qualifier !== undefined && qualifier !== '$LATEST')) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    }
    return fn;
  };

  const poolOf = (fn: LocalFunction): Pool => {
    const existing = pools.get(fn);
    if (existing) return existing;
    const pool = createPool({
      limit: fn.concurrency ?? options.concurrency ?? 20,
      loadLimit: availableParallelism(),
      idleMs: options.idleMs ?? 60_000,
      start: (onDeath) =>
        startSandbox(fn, {
          mode: options.mode ?? 'thread',
          workerFile,
          baseEnvironment: options.baseEnvironment,
          onLine: (requestId, line) => options.onLog?.({ function: fn.name, requestId, line }),
          onDeath,
        }),
    });
    pools.set(fn, pool);
    return pool;
  };

  const run = async (
    fn: LocalFunction,
    requestId: string,
    event: string,
    signal?: AbortSignal,
  ): Promise<LambdaOutcome> => {
    const pool = poolOf(fn);
    const lease = await pool.take(signal);
    const startedAt = performance.now();
    const report = (outcome: LambdaOutcome, initMs: number, coldStart: boolean): LambdaOutcome => {
      const durationMs = performance.now() - startedAt;
      options.onInvoke?.({
        function: fn.name,
        requestId,
        durationMs,
        billedMs: Math.ceil(durationMs + initMs),
        memoryMb: fn.memoryMb,
        coldStart,
        ...('functionError' in outcome ? { error: outcome.payload.errorType } : {}),
      });
      return outcome;
    };
    if ('loadFailure' in lease) return report(lease.loadFailure(requestId), lease.initMs, true);
    const { sandbox } = lease;
    const coldStart = sandbox.invocations() === 0;
    try {
      const outcome = await sandbox.invoke(requestId, event);
      // An environment that close() ended has not failed: its invocation is neither done nor to be counted as an error.
      if (closed) throw closed;
      return report(outcome, coldStart ? sandbox.initMs() : 0, coldStart);
    } finally {
      pool.giveBack(sandbox);
    }
  };

  const invoke: InvokeFunction = async (nameOrArn, payload, signal) => {
    if (closed) throw closed;
    signal?.throwIfAborted();
    const event = JSON.stringify(payload) ?? 'null';
    const bytes = Buffer.byteLength(event);
    if (bytes > REQUEST_LIMIT) {
      throw new AwsError(
        'RequestTooLargeException',
        `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${REQUEST_LIMIT} bytes)`,
        413,
      );
    }
    const outcome = run(find(nameOrArn), randomUUID(), event, signal);
    return signal ? abandonedOnAbort(outcome, signal) : outcome;
  };

  const api = lambdaService({
    find,
    invoke,
    ...(options.asyncRetryDelaysMs ? { retryDelaysMs: options.asyncRetryDelaysMs } : {}),
  });

  return {
    invoke,
    service: api.service,
    environments: () =>
      [...pools].flatMap(([fn, pool]) => pool.sandboxes().map(({ pid }) => ({ function: fn.name, pid }))),
    close: async () => {
      const reason = new Error('The local Lambda is closed.');
      closed ??= reason;
      api.close();
      await Promise.all([...pools.values()].map((pool) => pool.close(reason)));
    },
  };
};

/** A caller that gives up hears so at once, while the function runs on to its end, as on Lambda. */
const abandonedOnAbort = (outcome: Promise<LambdaOutcome>, signal: AbortSignal): Promise<LambdaOutcome> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
