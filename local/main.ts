import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Job } from '../core/job/job.ts';
import { lookInto, type Look } from './clients.ts';
import { startCloud } from './cloud.ts';
import { Complaint } from './complaint.ts';
import { startDesk } from './desk/desk.ts';
import { pageLink } from './page-link.ts';
import { playMeeting, untilClosed } from './play.ts';
import { portsFrom } from './ports.ts';
import { bold, dim, green, red, reportSteps, seconds } from './reporter.ts';
import { projectRoot } from './root.ts';
import { verifyMeeting } from './verify.ts';
import { sampleMeeting } from './zoom/sample-meeting.ts';

/** `npm start`, `npm run demo`, `npm run local:reset`. */
const print = (line = ''): void => void process.stdout.write(`${line}\n`);

const dataRoot = (): string => process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local');

const boot = async (folder: string, mode: 'start' | 'demo') => {
  const startedAt = Date.now();
  const reportStep = reportSteps(print);
  print(bold('Rapporteur, on this machine'));
  const cloud = await startCloud({
    folder,
    packageFolder: dataRoot(),
    ports: portsFrom(process.env, mode),
    onPackaging: () => print(dim('  Packaging the service (only when it changed) …')),
    onLog: ({ line }) => reportStep(line),
  });
  const look = lookInto(cloud);
  const desk = await startDesk(cloud, look, portsFrom(process.env, mode).page).catch(async (error: unknown) => {
    await cloud.close();
    throw error;
  });
  print(
    `  ${green('✔')} AWS stand-ins, ${cloud.deployment.functions.length} functions and a simulated Zoom are up ${dim(seconds(Date.now() - startedAt))}`,
  );
  const close = async (): Promise<void> => {
    await desk.close();
    look.close();
    await cloud.close();
  };
  return { cloud, look, desk, close };
};

const demo = async (): Promise<number> => {
  const folder = join(dataRoot(), 'demo');
  rmSync(folder, { recursive: true, force: true });
  const { cloud, look, close } = await boot(folder, 'demo');
  try {
    const meeting = sampleMeeting({ accountId: cloud.zoomAccountId });
    print(`\n${bold('A meeting is recorded, and Zoom announces it')}\n  ${meeting.topic}`);
    const job = await playMeeting(cloud, look, meeting);
    print(`\n${bold('What came out')}`);
    const checks = await verifyMeeting(cloud, look, meeting, job);
    for (const { what, isTrue, found } of checks)
      print(`  ${isTrue ? green('✔') : red('✖')} ${what} ${dim(`· ${found}`)}`);
    const failed = checks.filter((check) => !check.isTrue).length;
    print(
      failed === 0
        ? `\n${green('Every outcome was verified.')} \`npm start\` does the same and stays up to look around.`
        : `\n${red(`${failed} of ${checks.length} outcomes are wrong.`)}`,
    );
    return failed === 0 ? 0 : 1;
  } finally {
    await close();
  }
};

/** The recordings that were played, the last of them first. */
const play = async ({ cloud, look }: Awaited<ReturnType<typeof boot>>): Promise<Job[]> => {
  const open = (await look.jobs()).filter((job) => job.status === 'running');
  if (open.length > 0) {
    print(
      `\n${bold(`Going on with ${open.length === 1 ? 'a recording' : `${open.length} recordings`} of an earlier run`)}`,
    );
    await cloud.zoom.validate(`${cloud.api.url}/zoom/webhook`);
    const jobs = await untilClosed(look, (job) => open.some(({ jobId }) => jobId === job.jobId));
    for (const job of jobs) await tellEnd(look, job);
    return jobs;
  } else {
    const startTime = new Date(Date.now() - 45 * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const meeting = sampleMeeting({
      accountId: cloud.zoomAccountId,
      uuid: randomBytes(16).toString('base64'),
      startTime,
    });
    print(`\n${bold('A meeting is recorded, and Zoom announces it')}\n  ${meeting.topic}`);
    const job = await playMeeting(cloud, look, meeting);
    await tellEnd(look, job);
    return [job];
  }
};

const tellEnd = async (look: Look, job: Job): Promise<void> => {
  const archived = (await look.files(job.jobId)).filter((file) => file.status === 'archived');
  print(
    job.failure
      ? `\n  ${red('Failed')}: ${job.failure.sentence} ${job.failure.action}`
      : `\n  ${job.status === 'done' ? green('Done') : job.status}: ${archived.length} files archived in ${job.folder ?? ''}`,
  );
};

/** Set by the first signal; what fails afterwards fails because everything is being closed. */
let isStopping = false;

const start = async (): Promise<void> => {
  let close = async (): Promise<void> => undefined;
  const stop = (): void => {
    // A terminal and npm may both send the signal.
    if (isStopping) return;
    isStopping = true;
    print('\nStopping; what is open goes on at the next start.');
    close().then(() => process.exit(0), fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  const booted = await boot(join(dataRoot(), 'data'), 'start');
  const { cloud, desk } = booted;
  close = booted.close;
  const [played] = await play(booted).catch((error: unknown): Job[] => {
    if (isStopping || !(error instanceof Complaint)) throw error;
    // A recording that does not end in time is a reason to look around, not to stop.
    print(`\n  ${red('✖')} ${error.message}`);
    return [];
  });
  const page = played && (await pageLink(cloud, played.jobId))();
  print(`
${bold('Where to look')}${page ? `\n  This recording   ${page}` : ''}
  Recordings       ${desk.url}/
  Mailbox          ${desk.url}/mail
  Archive          ${desk.url}/archive/
  Zoom webhook     ${cloud.api.url}/zoom/webhook
  AWS endpoint     ${cloud.gateway.url}

Stop with Ctrl-C. The data stays in .local/; \`npm run local:reset\` deletes it.`);
};

const reset = (): void => {
  rmSync(dataRoot(), { recursive: true, force: true });
  print('The local data is deleted.');
};

const fail = (error: unknown): void => {
  // A sentence for what a person can mend; everything for what is our own fault.
  if (error instanceof Complaint) process.stderr.write(`${red('✖')} ${error.message}\n`);
  else process.stderr.write(`${red('✖')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
};

const [command] = process.argv.slice(2);
if (command === 'demo') demo().then((code) => process.exit(code), fail);
else if (command === 'start') start().catch((error: unknown) => (isStopping ? undefined : fail(error)));
else if (command === 'reset') reset();
else fail(new Complaint(`Say start, demo or reset, not ${command ?? 'nothing'}.`));
