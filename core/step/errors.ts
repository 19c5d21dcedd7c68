import type { FailureCode } from './failures.ts';
import { redactText } from './log.ts';

/**
 * The two error names that reach Step Functions. `name` is set as a value, because a minifier renames classes
 * and the machine's Retry reads nothing but the name.
 */
export class TransientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
  }
}

/** Will fail the same way again. The code leads the message, since only name, message and stack leave a Lambda. */
export class PermanentError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = 'PermanentError';
    this.code = code;
  }
}

/** Anything thrown becomes one of the two: what nobody foresaw is worth a limited number of retries. */
const named = (thrown: unknown): Error => {
  if (thrown instanceof PermanentError || thrown instanceof TransientError) return thrown;
  if (thrown instanceof Error) return new TransientError(`${thrown.name}: ${thrown.message}`, { cause: thrown });
  return new TransientError(`a value that is not an error was thrown: ${typeof thrown}`);
};

/** What leaves a function is stored in the execution's history and in the job: it holds no secrets. */
export const toStepError = (thrown: unknown): Error => {
  const error = named(thrown);
  error.message = redactText(error.message);
  error.stack = redactText(error.stack ?? '');
  return error;
};

/** Given to Middy as what happens shortly before Lambda would end the function without a word. */
export const endOfTime = (): never => {
  throw new TransientError('the time of this function ended before its work');
};
