import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planted } from './meetings.ts';
import type { Snapshot } from './snapshot.ts';

const linesOf = (file: string): unknown[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown)
    : [];

/** What the simulated Zoom let out that nobody else may say: tokens of events, and what the app signs with. */
const secretsOf = (dataFolder: string, logFolder: string): Map<string, string> => {
  const secrets = new Map<string, string>(Object.entries(planted).map(([name, value]) => [value, name]));
  const app = JSON.parse(readFileSync(join(dataFolder, 'zoom-app.json'), 'utf8')) as Record<string, string>;
  for (const name of ['clientSecret', 'webhookSecret']) secrets.set(app[name] ?? '', name);
  for (const sent of linesOf(join(logFolder, 'sent.jsonl')) as { body: string }[]) {
    const [, token] = /"download_token":"([^"]+)"/.exec(sent.body) ?? [];
    if (token) secrets.set(token, 'a download token');
    for (const [, key = ''] of sent.body.matchAll(/webhook_download\/[^/"]+\/([\w-]+)/g))
      secrets.set(key, 'a download address');
  }
  return secrets;
};

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) =>
        one.isFile() ? [join(one.parentPath, one.name)] : [],
      )
    : [];

/** Every place where a secret turned up: logs, answers, executions, events, table, archive. */
export const leaksIn = (dataFolder: string, logFolder: string, { texts }: Snapshot): string[] => {
  const secrets = secretsOf(dataFolder, logFolder);
  const places = [
    ...texts,
    ...['functions', 'answers'].map((name) => ({
      where: `the log ${name}`,
      text: linesOf(join(logFolder, `${name}.jsonl`)).join('\n'),
    })),
    ...['stepfunctions', 'events']
      .flatMap((name) => filesIn(join(dataFolder, name)))
      .map((where) => ({ where: where.slice(dataFolder.length), text: readFileSync(where, 'utf8') })),
  ];
  return places.flatMap(({ where, text }) =>
    [...secrets].filter(([value]) => text.includes(value)).map(([, name]) => `${name} is in ${where}`),
  );
};

/** Files that only a write under way may have, and the lock. */
export const residueIn = (dataFolder: string): string[] =>
  filesIn(dataFolder)
    .filter((file) => /\.(part|new|tmp|temp)$|[/\\]lock$/.test(file) && !/[/\\]dynamodb[/\\]/.test(file))
    .map((file) => `${file.slice(dataFolder.length)} is left over`);
