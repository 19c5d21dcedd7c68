import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { endOfTime, toStepError } from './errors.ts';
import { log, setLogContext } from './log.ts';
import { parse } from './parse.ts';

type Listener<Detail extends z.ZodType> = {
  readonly name: string;
  readonly event: Detail;
  readonly run: (event: z.output<Detail>, signal: AbortSignal) => Promise<void>;
};

/** The wrapper around functions that events and schedules call. An error goes back to the service, which calls again. */
export const listener = <Detail extends z.ZodType>({ name, event: schema, run }: Listener<Detail>) =>
  middy<unknown, void, Error, Context>({ timeoutEarlyInMillis: 1_000, timeoutEarlyResponse: endOfTime })
    .onError((request) => {
      const error = toStepError(request.error);
      log.error('listener failed', { error });
      request.error = error;
    })
    .handler(async (event: unknown, context: Context, { signal }: { signal: AbortSignal }) => {
      setLogContext({ listener: name, requestId: context.awsRequestId });
      log.info('event received');
      await run(parse('BAD_INPUT', schema, event), signal);
    });
