import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AcceptedMail } from './send-email.ts';

/** What the index says of a mail; the mail itself lies beside it as `<id>.eml`. */
export type StoredMail = Omit<AcceptedMail, 'bytes'>;

export interface MailStore {
  /** Resolves when the mail would survive a kill. */
  add(mail: AcceptedMail): Promise<void>;
  /** Oldest first. */
  list(): readonly StoredMail[];
  /** The bytes of a mail that the index knows. */
  bytes(id: string): Promise<Buffer | undefined>;
}

const parseLine = (line: string): StoredMail[] => {
  try {
    return [JSON.parse(line) as StoredMail];
  } catch {
    return []; // Cut short by a kill before it was acknowledged.
  }
};

export const openMailStore = async (folder: string): Promise<MailStore> => {
  await mkdir(folder, { recursive: true });
  const index = join(folder, 'index.jsonl');
  const text = await readFile(index, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const mails = text.split('\n').flatMap(parseLine);
  // A line that was cut short must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) await appendFile(index, '\n');
  const fileOf = (id: string): string => join(folder, `${id}.eml`);
  return {
    add: async ({ bytes, ...mail }) => {
      const file = fileOf(mail.id);
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
      await appendFile(index, `${JSON.stringify(mail)}\n`);
      mails.push(mail);
    },
    list: () => mails,
    bytes: async (id) => (mails.some((mail) => mail.id === id) ? readFile(fileOf(id)) : undefined),
  };
};
