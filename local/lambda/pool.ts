import type { LambdaOutcome } from '../lambda-outcome.ts';
import type { Sandbox } from './sandbox.ts';

/** What a caller gets: an environment of its own for one invocation, or the reason why none could be loaded. */
export type Lease =
  | { readonly sandbox: Sandbox }
  | { readonly loadFailure: (requestId: string) => LambdaOutcome; readonly initMs: number };

export interface PoolOptions {
  readonly limit: number;
  /** More environments loading at once than there are processors only make each other late. */
  readonly loadLimit: number;
  /** An environment that nobody used for so long is given up. */
  readonly idleMs: number;
  readonly start: (onDeath: () => void) => Sandbox;
}

export interface Pool {
  take(signal?: AbortSignal): Promise<Lease>;
  giveBack(sandbox: Sandbox): void;
  sandboxes(): readonly Sandbox[];
  close(reason: Error): Promise<void>;
}

interface Waiter {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * The execution environments of one function. A caller takes whichever comes first: an environment that becomes
 * free or one that has been loaded on its behalf, so a burst is not slowed down by its own cold starts.
 */
export const createPool = (options: PoolOptions): Pool => {
  const all = new Set<Sandbox>();
  const idle: { readonly sandbox: Sandbox; readonly timer: NodeJS.Timeout }[] = [];
  const waiting: Waiter[] = [];
  let loading = 0;
  let closed: Error | undefined;

  const drop = (sandbox: Sandbox): void => {
    all.delete(sandbox);
    const at = idle.findIndex((entry) => entry.sandbox === sandbox);
    if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.timer);
  };
  const load = async (): Promise<void> => {
    loading += 1;
    const sandbox: Sandbox = options.start(() => {
      drop(sandbox);
      pump();
    });
    all.add(sandbox);
    const loadFailure = await sandbox.loaded;
    loading -= 1;
    if (!loadFailure) return giveBack(sandbox);
    drop(sandbox);
    void sandbox.kill();
    waiting.shift()?.resolve({ loadFailure, initMs: sandbox.initMs() });
    pump();
  };
  const pump = (): void => {
    while (waiting.length > 0 && idle.length > 0) {
      // The last one in is the warmest one.
      const entry = idle.pop();
      if (!entry) break;
      clearTimeout(entry.timer);
      waiting.shift()?.resolve({ sandbox: entry.sandbox });
    }
    while (!closed && loading < Math.min(waiting.length, options.loadLimit) && all.size < options.limit) void load();
  };
  const giveBack = (sandbox: Sandbox): void => {
    if (closed || !sandbox.alive()) {
      drop(sandbox);
    } else {
      const timer = setTimeout(() => {
        drop(sandbox);
        void sandbox.kill();
      }, options.idleMs);
      timer.unref();
      idle.push({ sandbox, timer });
    }
    pump();
  };

  return {
    take: (signal) =>
      new Promise<Lease>((resolve, reject) => {
        if (closed) return reject(closed);
        const leave = (): void => {
          const at = waiting.indexOf(waiter);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal?.reason as Error);
        };
        const waiter: Waiter = {
          resolve: (lease) => {
            signal?.removeEventListener('abort', leave);
            resolve(lease);
          },
          reject,
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.push(waiter);
        pump();
      }),
    giveBack,
    sandboxes: () => [...all],
    close: async (reason) => {
      closed = reason;
      for (const waiter of waiting.splice(0)) waiter.reject(reason);
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      await Promise.all([...all].map((sandbox) => sandbox.kill()));
    },
  };
};
