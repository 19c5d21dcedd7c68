import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LocalFunction } from '../../../local/lambda/local-function.ts';

/** Writes tiny handlers, each a file of its own, and makes functions of them. */
export const handlerFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-handlers-'));
  return {
    write: (name: string, source: string, settings: Partial<LocalFunction> = {}): LocalFunction => {
      const entryFile = join(folder, `${name}.mjs`);
      writeFileSync(entryFile, source);
      return {
        name,
        arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        entryFile,
        exportName: 'handler',
        environment: {},
        timeoutSeconds: 10,
        memoryMb: 128,
        ...settings,
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
