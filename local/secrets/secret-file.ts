import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Version {
  readonly id: string;
  stages: string[];
  readonly createdAt: number;
  readonly text?: string;
  /** In base64. */
  readonly binary?: string;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdAt: number;
  changedAt: number;
  versions: Version[];
}

export interface SecretFile {
  /** To be changed in place, then saved. */
  secrets(): Secret[];
  save(): Promise<void>;
}

/** All secrets in one file that only its owner may read; replaced as a whole, so that a kill leaves the old one or the new. */
export const openSecretFile = async (folder: string): Promise<SecretFile> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'secrets.json');
  let secrets: Secret[];
  try {
    secrets = JSON.parse(await readFile(file, 'utf8')) as Secret[];
    if (!Array.isArray(secrets)) throw new Error('it holds no list');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new Error(`The secrets in ${file} cannot be read: ${(error as Error).message}`, { cause: error });
    }
    secrets = [];
  }
  let saving: Promise<void> = Promise.resolve();
  return {
    secrets: () => secrets,
    save: () => {
      const text = JSON.stringify(secrets, null, 2);
      saving = saving
        .catch(() => undefined)
        .then(() => writeFile(`${file}.part`, text, { mode: 0o600 }))
        .then(() => rename(`${file}.part`, file));
      return saving;
    },
  };
};
