import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';

import type { SandboxMode } from './local-function.ts';
import type { Death, Failure } from './outcomes.ts';

/** What worker.mjs says. */
export type WorkerMessage =
  | { readonly type: 'ready' | 'bye' }
  | { readonly type: 'initFailed' | 'failure'; readonly failure: Failure }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'result'; readonly requestId: string; readonly json?: string; readonly failure?: Failure };

export interface Channel {
  readonly pid: number | undefined;
  send(message: object): void;
  /** Ends the environment at once, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface ChannelOptions {
  readonly workerFile: string;
  readonly environment: Record<string, string>;
  readonly memoryMb: number;
  readonly onMessage: (message: WorkerMessage) => void;
  /** What bypasses the channel: native code, crash reports, programs that inherit the streams. */
  readonly onRawOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly onDeath: (death: Death) => void;
}

// The SDK's advice to upgrade Node concerns the person's machine, not the function, whose runtime is newer.
const NODE_FLAGS = ['--disable-warning=NodeVersionSupportWarning', '--enable-source-maps'];

export const openChannel = (mode: SandboxMode, options: ChannelOptions): Channel =>
  mode === 'thread' ? openThread(options) : openProcess(options);

const openThread = (options: ChannelOptions): Channel => {
  const worker = new Worker(options.workerFile, {
    env: options.environment,
    execArgv: NODE_FLAGS,
    // The heap alone: buffers lie outside it and are not limited in a thread.
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    stdout: true,
    stderr: true,
  });
  let outOfMemory = false;
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      options.onDeath({ code, signal: outOfMemory ? 'SIGKILL' : null, outOfMemory });
      resolve();
    });
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    outOfMemory ||= error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  });
  worker.on('message', options.onMessage);
  worker.stdout.setEncoding('utf8').on('data', (text: string) => options.onRawOutput('stdout', text));
  worker.stderr.setEncoding('utf8').on('data', (text: string) => options.onRawOutput('stderr', text));
  return {
    pid: undefined,
    send: (message) => worker.postMessage(message),
    kill: async () => {
      await worker.terminate();
      await gone;
    },
  };
};

const openProcess = (options: ChannelOptions): Channel => {
  const child = fork(options.workerFile, [], {
    env: options.environment,
    execArgv: [...NODE_FLAGS, `--max-old-space-size=${options.memoryMb}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null) => {
      // V8 aborts when its heap is full; nothing else in a handler ends by SIGABRT.
      options.onDeath({ code, signal, outOfMemory: signal === 'SIGABRT' });
      resolve();
    };
    // `close` comes after the pipes are drained, so that a result already sent is not lost to the exit.
    child.once('close', end);
    child.once('error', () => end(1, null));
  });
  child.on('message', (message) => options.onMessage(message as WorkerMessage));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => options.onRawOutput('stdout', text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => options.onRawOutput('stderr', text));
  return {
    pid: child.pid,
    // The channel of a child that has just died is closed; its death is reported by onDeath.
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};
