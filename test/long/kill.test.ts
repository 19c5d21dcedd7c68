import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Job } from '../../core/job/job.ts';
import { lookInto, type Look } from '../../local/clients.ts';
import { packagedDeployment } from '../../local/deployed.ts';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf } from '../../local/zoom/media.ts';
import type { KeptMeeting, SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { sampleMeeting } from '../../local/zoom/sample-meeting.ts';
import { until } from '../fakes/local-cloud.ts';
import { dataFolder, quietPort, runRapporteur, settingOf, type Rapporteur } from '../fakes/rapporteur.ts';

jest.setTimeout(600_000);

/** Another one with KILL_SEED=…; it is printed, so that a failure can be had again. */
const seed = Number(process.env.KILL_SEED ?? randomBytes(4).readUInt32LE());
const kills = 20;
/** From the first line of an undisturbed run to its end. */
let undisturbedMs = 0;
const MIB = 1024 * 1024;

/** A number from 0 to 1 that seed and round alone decide. */
const chance = (round: number): number =>
  createHash('sha256').update(`${seed} ${round}`).digest().readUInt32LE() / 2 ** 32;

let data = '';
let environment: Record<string, string> = {};
let running: Rapporteur | undefined;
let look: Look;
beforeEach(async () => {
  data = await dataFolder();
  environment = {};
  for (const setting of Object.values(settingOf)) environment[setting] = String(await quietPort());
  const { deployment } = await packagedDeployment({ packageFolder: data });
  look = lookInto({
    gateway: { url: `http://127.0.0.1:${environment[settingOf.gateway]}` } as Parameters<typeof lookInto>[0]['gateway'],
    deployment,
  });
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.exit;
  look.close();
  rmSync(data, { recursive: true, force: true });
});

const start = (): Rapporteur => (running = runRapporteur({ data, environment }));
const stored = (...path: string[]): string => join(data, 'data', ...path);

/** A meeting that Zoom recorded before we were there, with a film of several S3 parts. */
const keepLargeMeeting = (): SimulatedMeeting => {
  const meeting = sampleMeeting({ uuid: randomBytes(16).toString('base64'), accountId: app.accountId });
  const film = meeting.files.find(({ fileType, content }) => fileType === 'MP4' && content.kind === 'mp4');
  if (film?.content.kind !== 'mp4') throw new Error('The sample meeting has no film.');
  const files = [{ ...film, content: { ...film.content, size: 100 * MIB + 7 } }];
  const large = { ...meeting, topic: 'A long film', startTime: '2026-01-11T14:59:58Z', files };
  mkdirSync(stored('zoom', 'meetings'), { recursive: true });
  const kept: KeptMeeting = { meeting: large, announced: [], removed: [] };
  writeFileSync(stored('zoom', 'meetings', `${Buffer.from(large.uuid).toString('hex')}.json`), JSON.stringify(kept));
  return large;
};
const app = {
  accountId: 'account',
  clientId: 'client',
  clientSecret: 'client-secret',
  webhookSecret: 'webhook-secret',
};

/** Executions that were in SendSummary when the process died: their hosts may get a second mail. */
const inTheMiddleOfMailing = (): number => {
  if (!existsSync(stored('stepfunctions'))) return 0;
  return readdirSync(stored('stepfunctions')).filter((name) => {
    const text = readFileSync(stored('stepfunctions', name), 'utf8');
    const states = [...text.matchAll(/"type":"TaskState(Entered|Exited)"[^\n]*?"name":"(\w+)"/g)];
    const last = states.at(-1);
    return last?.[1] === 'Entered' && last[2] === 'SendSummary';
  }).length;
};

const meetings = (): SimulatedMeeting[] =>
  readdirSync(stored('zoom', 'meetings'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => (JSON.parse(readFileSync(stored('zoom', 'meetings', name), 'utf8')) as KeptMeeting).meeting);

const assertArchived = async (job: Job): Promise<void> => {
  const meeting = meetings().find(({ uuid }) => uuid === job.meetingUuid);
  const files = await look.files(job.jobId);
  expect(files.length).toBeGreaterThan(0);
  for (const { key, status, zoomId, fileType } of files) {
    expect({ key, status }).toEqual({ key, status: 'archived' });
    const file =
      meeting?.files.find((one) => one.id === zoomId) ?? meeting?.files.find((one) => one.fileType === fileType);
    const hash = createHash('sha256');
    for await (const chunk of (await look.object(key)).Body as Readable) hash.update(chunk as Buffer);
    expect({ key, sum: hash.digest('hex') }).toEqual({ key, sum: file && sha256Of(contentOf(file.content)) });
  }
};

/** An upload is noted before its first part: only one that has none yet may be left to the bucket's own rule. */
const assertNoUploadIsOpen = async (): Promise<void> => {
  const { Uploads = [] } = await look.s3.send(new ListMultipartUploadsCommand({ Bucket: look.bucket }));
  for (const { Key, UploadId } of Uploads) {
    const { Parts = [] } = await look.s3.send(new ListPartsCommand({ Bucket: look.bucket, Key, UploadId }));
    expect({ Key, Parts }).toEqual({ Key, Parts: [] });
  }
};

/** Starts on a folder with a large recording, which a person starts by hand while Zoom announces the sample. */
const startRun = async () => {
  mkdirSync(stored(), { recursive: true });
  writeFileSync(stored('zoom-app.json'), JSON.stringify(app));
  const large = keepLargeMeeting();
  const rapporteur = start();
  await rapporteur.says('Rapporteur');
  // A kill may come before: then nothing was acknowledged, and nothing need be there.
  const wasStarted = rapporteur
    .says('are up')
    .then(async () => {
      const [machine] = (await packagedDeployment({ packageFolder: data })).deployment.stateMachines;
      const input = JSON.stringify({ meetingUuid: large.uuid });
      await look.sfn.send(new StartExecutionCommand({ stateMachineArn: machine?.arn, name: 'large', input }));
      return true;
    })
    .catch(() => false);
  return { rapporteur, large, wasStarted };
};

/** A mail that was claimed when the process died is claimed again a minute later, at the next retry. */
const longestRetryMs = 300_000;

const untilClosed = (): Promise<Job[]> =>
  until(
    async () => {
      const found = await look.jobs();
      return found.length > 0 && found.every(({ status }) => status !== 'running') && found;
    },
    () => 'a job is still running',
    longestRetryMs,
  );

const assertOutcome = async (jobs: readonly Job[], secondMails: number): Promise<void> => {
  expect(jobs.map(({ jobId, status, failure }) => ({ jobId, status, failure }))).toEqual(
    jobs.map(({ jobId }) => ({ jobId, status: 'done', failure: undefined })),
  );
  for (const job of jobs) await assertArchived(job);
  await assertNoUploadIsOpen();
  const mails = readFileSync(stored('mail', 'index.jsonl'), 'utf8').trim().split('\n');
  expect(mails.length).toBeGreaterThanOrEqual(jobs.length);
  expect(mails.length).toBeLessThanOrEqual(jobs.length + secondMails);
};

test('undisturbed, both recordings end Done with one mail each', async () => {
  const { rapporteur, wasStarted } = await startRun();
  const startedAt = performance.now();
  await rapporteur.says('Where to look');
  expect(await wasStarted).toBe(true);
  const jobs = await untilClosed();
  undisturbedMs = performance.now() - startedAt;
  expect(jobs).toHaveLength(2);
  await assertOutcome(jobs, 0);
});

test.each(Array.from({ length: kills }, (_, round) => [round]))(
  `killed at a random moment (round %i of seed ${seed}), it goes on to the end at the next start`,
  async (round) => {
    const { rapporteur, large, wasStarted } = await startRun();
    const killAfter = Math.round(chance(round) * undisturbedMs);
    await pause(killAfter);
    rapporteur.child.kill('SIGKILL');
    const { stdout } = await rapporteur.exit;
    const mayMailTwice = inTheMiddleOfMailing();
    const said = stdout.trim().split('\n').at(-1);
    process.stderr.write(`${JSON.stringify({ seed, round, killAfter, said, mayMailTwice })}\n`);

    const second = start();
    await second.says('Where to look');
    const jobs = await untilClosed();
    if (await wasStarted) expect(jobs.map(({ meetingUuid }) => meetingUuid)).toContain(large.uuid);
    await assertOutcome(jobs, mayMailTwice);
    second.child.kill('SIGTERM');
    expect(await second.exit).toMatchObject({ code: 0, stderr: '' });
  },
);
