import type { Context } from 'aws-lambda';

/** What Lambda hands to a handler besides the event; `milliseconds` is the time that is left. */
export const lambdaContext = (milliseconds = 30_000): Context =>
  ({ awsRequestId: 'request-1', getRemainingTimeInMillis: () => milliseconds }) as Context;

/** Collects what is written to the standard output, line by line, until it is released. */
export const captureLog = () => {
  const lines: string[] = [];
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = (text: string) => {
    lines.push(...String(text).trimEnd().split('\n'));
    return true;
  };
  return {
    text: () => lines.join('\n'),
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    release: () => {
      stdout.write = write;
    },
  };
};

export type CapturedLog = ReturnType<typeof captureLog>;
