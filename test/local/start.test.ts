import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startCloud } from '../../local/cloud.ts';
import type { Ports } from '../../local/cloud-options.ts';
import { Complaint } from '../../local/complaint.ts';
import { lockFolder } from '../../local/lock.ts';
import { portsFrom } from '../../local/ports.ts';
import { dataFolder, runRapporteur, settingOf, type Rapporteur } from '../fakes/rapporteur.ts';

jest.setTimeout(60_000);

let data = '';
const running: Rapporteur[] = [];
beforeEach(async () => {
  data = await dataFolder();
});
afterEach(async () => {
  for (const { child, exit } of running.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
  rmSync(data, { recursive: true, force: true });
});

const run = (options: Partial<Parameters<typeof runRapporteur>[0]> = {}): Rapporteur => {
  const rapporteur = runRapporteur({ data, ...options });
  running.push(rapporteur);
  return rapporteur;
};

/** Runs what cannot start, and gives the sentence it ends with. */
const refusal = async (options: Parameters<typeof run>[0] = {}): Promise<string> => {
  const { code, stderr } = await run(options).exit;
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(1);
  return stderr.trim();
};

const write = (path: string, text: string): string => {
  const file = join(data, 'data', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

/** The same boot in this process, which is quicker; a Complaint is what the command prints as one sentence. */
const complaint = async (ports: Partial<Ports> = {}): Promise<string> => {
  const all = { gateway: 0, api: 0, zoom: 0, zoomStorage: 0, ...ports };
  const booting = startCloud({ folder: join(data, 'data'), packageFolder: data, ports: all });
  const error: unknown = await booting.then(
    async (cloud) => cloud.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Complaint);
  const { message } = error as Complaint;
  expect(message).not.toContain('\n');
  return message;
};

/** Holds a port while something is tried. */
const withTakenPort = async (attempt: (port: number) => Promise<void>): Promise<void> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await attempt((server.address() as AddressInfo).port).finally(() => server.close());
};

test('a taken port ends the start with a sentence that names its setting', async () => {
  await withTakenPort(async (port) => {
    for (const setting of [settingOf.page, settingOf.gateway])
      expect(await refusal({ environment: { [setting]: String(port) } })).toBe(
        `✖ Port ${port} is in use. Stop what uses it, or set ${setting}.`,
      );
  });
});

test.each(['api', 'gateway', 'zoom', 'zoomStorage'] as const)(
  'a taken port of %s is named by its setting',
  async (which) => {
    await withTakenPort(async (port) => {
      expect(await complaint({ [which]: port })).toContain(
        `Port ${port} is in use. Stop what uses it, or set ${settingOf[which]}.`,
      );
    });
  },
);

test('a port that is none ends the start with what was expected', async () => {
  expect(await refusal({ environment: { RAPPORTEUR_API_PORT: 'http' } })).toBe(
    '✖ RAPPORTEUR_API_PORT: expected a port from 0 to 65535, not "http".',
  );
});

test.each(['80000', '', '-1', ' 4000', '4000.5', '0x10'])('"%s" is refused as a port', (value) => {
  expect(() => portsFrom({ RAPPORTEUR_ZOOM_PORT: value }, 'start')).toThrow(
    new Complaint(`RAPPORTEUR_ZOOM_PORT: expected a port from 0 to 65535, not "${value}".`),
  );
});

test('one port for two purposes is refused', () => {
  expect(() => portsFrom({ RAPPORTEUR_API_PORT: '4321', RAPPORTEUR_ZOOM_PORT: '4321' }, 'start')).toThrow(
    'RAPPORTEUR_API_PORT and RAPPORTEUR_ZOOM_PORT are both 4321',
  );
});

test('a data folder that cannot be written to is named', async () => {
  // A folder below a regular file: unlike a mode, this stops the super-user too.
  const file = join(data, 'a-file');
  writeFileSync(file, '');
  expect(await refusal({ data: join(file, 'below') })).toMatch(
    /^✖ The folder .*a-file.below.* cannot be made: ENOTDIR/,
  );
});

test('a corrupt data folder ends the start with the way out', async () => {
  write('stepfunctions/garbage.jsonl', 'garbage\nmore of it\n');
  expect(await refusal()).toMatch(/^✖ The data in .*stepfunctions cannot be used .*`npm run local:reset`/);
});

test.each([
  ['dynamodb/CURRENT', 'no such manifest\n', 'dynamodb'],
  ['stepfunctions/garbage.jsonl', '{}\n', 'stepfunctions'],
  ['secrets/secrets.json', '{"half": ', 'secrets'],
  ['secrets/secrets.json', '{}', 'secrets'],
  ['zoom/meetings/00.json', '}', 'zoom'],
  ['zoom-app.json', '{"accountId": 1}', 'zoom-app.json'],
  ['zoom-app.json', '\u0000\u0001', 'zoom-app.json'],
  ['s3', 'a file where a folder should be', 's3'],
])('a data folder with %s holding %j is refused with the way out', async (path, text, named) => {
  write(path, text);
  const sentence = await complaint();
  expect(sentence).toContain(join(data, 'data', named));
  expect(sentence).toContain('npm run local:reset');
});

test('a second start on the same folder is refused, and the first goes on', async () => {
  const first = run();
  await first.says('are up');
  expect(await refusal()).toMatch(new RegExp(`^✖ Another Rapporteur \\(process ${first.child.pid}\\) works in `));
  expect(first.child.exitCode).toBeNull();
});

test.each(['garbage', '', '999999999'])('a lock that holds "%s" is taken over', (text) => {
  const lock = write('lock', text);
  const unlock = lockFolder(dirname(lock));
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  unlock();
  expect(existsSync(lock)).toBe(false);
});

test('an unknown command is refused with those there are', async () => {
  expect(await refusal({ command: 'stat' })).toBe('✖ Say start, demo or reset, not stat.');
});

test.each(['18.20.4', '20.18.3'])('Node %s is refused with the version that is needed', async (version) => {
  const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const sentence = await refusal({ nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(lie)}`] });
  expect(sentence).toContain(`Rapporteur needs Node 20.19 or newer; this is ${version}.`);
});

test.each([
  ['SIGINT', 'Rapporteur'],
  ['SIGTERM', 'are up'],
  ['SIGINT', 'FetchMetadata'],
  ['SIGTERM', 'Where to look'],
] as const)('%s when it says "%s" ends it cleanly', async (signal, moment) => {
  const rapporteur = run();
  await rapporteur.says(moment);
  rapporteur.child.kill(signal);
  // A terminal and npm may both pass it on.
  rapporteur.child.kill(signal);
  const { code, stderr } = await rapporteur.exit;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(existsSync(join(data, 'data', 'lock'))).toBe(false);
});
