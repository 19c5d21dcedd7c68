import { basename, dirname, extname } from 'node:path';

import type { LocalFunction } from './local-function.ts';

export const logGroupName = (fn: LocalFunction): string => `/aws/lambda/${fn.name}`;

/** The variables a function sees: those that Lambda sets, the cloud's own, and the function's, the last ones winning. */
export const sandboxEnvironment = (
  fn: LocalFunction,
  base: Readonly<Record<string, string>>,
  logStreamName: string,
): Record<string, string> => {
  const region = base['AWS_REGION'] ?? 'us-east-1';
  const file = basename(fn.entryFile, extname(fn.entryFile));
  return {
    // ffmpeg and its like are found through the person's own PATH; TMPDIR and the Windows names let child programs start.
    ...inherited(['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'ComSpec', 'PATHEXT']),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    ...base,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(fn),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    LAMBDA_TASK_ROOT: fn.taskRoot ?? dirname(fn.entryFile),
    _HANDLER: fn.handler ?? `${file}.${fn.exportName}`,
    ...fn.environment,
  };
};

const inherited = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
