import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Small documents that outlive the process, a file each, so that writing one costs the same however many there are. */
export type Drawer<Document> = {
  readonly found: readonly Document[];
  put(key: string, document: Document): void;
  remove(key: string): void;
};

const parse = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${file} is damaged: run \`npm run local:reset\`, or remove the file.`);
  }
};

/** The documents below a folder; without a folder nothing is kept. Keys have to be safe as file names. */
export const openDrawer = <Document>(folder: string | undefined, name: string): Drawer<Document> => {
  if (folder === undefined) return { found: [], put: () => undefined, remove: () => undefined };
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const fileOf = (key: string): string => join(place, `${key}.json`);
  return {
    found: readdirSync(place)
      .filter((entry) => entry.endsWith('.json'))
      .map((entry) => parse(join(place, entry)) as Document),
    put: (key, document) => {
      // Undelivered events hold download tokens: nobody else may read them.
      writeFileSync(`${fileOf(key)}.new`, JSON.stringify(document), { mode: 0o600 });
      renameSync(`${fileOf(key)}.new`, fileOf(key));
    },
    remove: (key) => rmSync(fileOf(key), { force: true }),
  };
};
