import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { LocalFunction } from '../lambda/local-function.ts';
import type { Deployment } from './deployment.ts';
import type { ServicePackage } from './package-service.ts';

/** The template's functions with the files of the package that hold them. */
export const localFunctions = (
  deployment: Deployment,
  { taskRoot }: Pick<ServicePackage, 'taskRoot'>,
): LocalFunction[] =>
  deployment.functions.map((fn) => {
    const root = taskRoot(fn.key);
    const dot = fn.handler.lastIndexOf('.');
    const stem = join(root, fn.handler.slice(0, dot));
    // The order in which Lambda looks.
    const entryFile = ['.js', '.mjs', '.cjs'].map((extension) => stem + extension).find((file) => existsSync(file));
    if (entryFile === undefined)
      throw new Error(`${fn.name}: the package holds no file for the handler ${fn.handler}.`);
    return {
      name: fn.name,
      arn: fn.arn,
      entryFile,
      exportName: fn.handler.slice(dot + 1),
      environment: fn.environment,
      timeoutSeconds: fn.timeoutSeconds,
      memoryMb: fn.memoryMb,
      handler: fn.handler,
      taskRoot: root,
      ...(fn.asyncRetries === undefined ? {} : { asyncRetries: fn.asyncRetries }),
      ...(fn.reservedConcurrency === undefined ? {} : { concurrency: fn.reservedConcurrency }),
    };
  });
