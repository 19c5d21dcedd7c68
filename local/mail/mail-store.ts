import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonLines } from '../gateway/json-lines.ts';
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

export const openMailStore = async (folder: string): Promise<MailStore> => {
  await mkdir(folder, { recursive: true });
  const index = join(folder, 'index.jsonl');
  const mails = await readJsonLines<StoredMail>(index);
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
