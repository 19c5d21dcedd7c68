import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint } from './complaint.ts';

/** Opens a service in its own sub-folder; what cannot be read is said in a sentence with the way out. */
export const inFolder =
  (folder: string) =>
  async <Opened>(name: string, open: (at: string) => Opened | Promise<Opened>): Promise<Opened> => {
    const at = join(folder, name);
    try {
      mkdirSync(at, { recursive: true });
      return await open(at);
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new Complaint(
        `The data in ${at} cannot be used (${why}). \`npm run local:reset\` deletes it and starts afresh.`,
        {
          cause: error,
        },
      );
    }
  };

export const randomText = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);
