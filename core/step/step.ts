import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { runOf, type Run } from '../job/run.ts';
import { endOfTime, toStepError } from './errors.ts';
import { log, setLogContext } from './log.ts';
import { parse } from './parse.ts';

type Step<Input extends z.ZodType, Output> = {
  /** The state's name in the machine; also what a person sees as progress. */
  readonly name: string;
  readonly input: Input;
  readonly run: (input: z.output<Input>, signal: AbortSignal, remainingMs: () => number) => Promise<Output>;
  /** Writes to the job which step runs now. A step that makes its own job row has none to write to yet. */
  readonly progress?: (jobId: string, step: string, run?: Run) => Promise<void>;
};

/** Time left to say what happened, before Lambda ends the function without a word. */
const lastWordsMillis = 2_000;

const withJobId = z.object({ jobId: z.string() });
const withExecution = z.object({ executionArn: z.string(), redriveCount: z.number() });

/**
 * The one wrapper around every state's function: input by schema, progress, one line at the start and one at the end,
 * errors under the two names that the machine's Retry knows. Never turns an error into a value.
 */
export const step = <Input extends z.ZodType, Output>({ name, input, run, progress }: Step<Input, Output>) =>
  middy<unknown, Output, Error, Context>({ timeoutEarlyInMillis: lastWordsMillis, timeoutEarlyResponse: endOfTime })
    .onError((request) => {
      const error = toStepError(request.error);
      log.error('step failed', { error });
      request.error = error;
    })
    .handler(async (event: unknown, context: Context, { signal }: { signal: AbortSignal }) => {
      const startedAt = Date.now();
      const { jobId } = withJobId.safeParse(event).data ?? {};
      setLogContext({ step: name, jobId, requestId: context.awsRequestId });
      log.info('step started');
      const checked = parse('BAD_INPUT', input, event);
      const { data: execution } = withExecution.safeParse(event);
      if (jobId) await progress?.(jobId, name, execution && runOf(jobId, execution));
      const output = await run(checked, signal, () => context.getRemainingTimeInMillis());
      log.info('step ended', { milliseconds: Date.now() - startedAt });
      return output;
    });
