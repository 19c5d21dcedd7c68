import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Complaint } from './complaint.ts';

const zoomApp = z.object({
  accountId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  webhookSecret: z.string(),
});
export type ZoomApp = z.output<typeof zoomApp>;

/** The simulated Zoom app: made up once per data folder, known to the simulator and, as a secret, to the product. */
export const zoomAppOf = (folder: string): ZoomApp => {
  const file = join(folder, 'zoom-app.json');
  if (existsSync(file)) return readApp(file);
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  const app = { accountId: random(16), clientId: random(16), clientSecret: random(24), webhookSecret: random(16) };
  writeFileSync(`${file}.new`, JSON.stringify(app), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return app;
};

const readApp = (file: string): ZoomApp => {
  try {
    return zoomApp.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Complaint(`${file} is damaged. \`npm run local:reset\` deletes it and starts afresh.`, { cause });
  }
};
