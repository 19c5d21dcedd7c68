import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder: the nearest one above the working directory that holds serverless.yml. */
export const projectRoot = (): string => {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'serverless.yml'))) return folder;
    if (dirname(folder) === folder)
      throw new Error('Run this inside the project: no serverless.yml was found in this folder or above it.');
  }
};
