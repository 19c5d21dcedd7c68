/** A function as the local Lambda runs it. */
export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  /** The file that holds the handler, inside the unpacked bundle. */
  readonly entryFile: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** The handler as the template writes it (`_HANDLER`), and the folder the bundle lies in (`LAMBDA_TASK_ROOT`). */
  readonly handler?: string;
  readonly taskRoot?: string;
  /** How often an asynchronous invocation that failed is repeated: 2 on Lambda unless configured. */
  readonly asyncRetries?: number;
  /** The most invocations at once; more of them wait. */
  readonly concurrency?: number;
}

/** Whether handlers run as threads of this process, or as processes of their own that can really be killed. */
export type SandboxMode = 'thread' | 'process';
