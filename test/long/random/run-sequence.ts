import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMeetingPlay } from './perform.ts';
import { complaints, pretenders } from './oracles.ts';
import { startRemoteCloud } from './remote.ts';
import { leaksIn, residueIn } from './secrets.ts';
import type { Step } from './steps.ts';

/** Of a whole machine with every retry, on a busy computer. */
const patienceMillis = 120_000;

/** Lets the steps happen to a new cloud, heals it, and says what is wrong then. `say` hears of each step. */
export const runSequence = async (
  steps: readonly Step[],
  say: (text: string) => void = () => undefined,
): Promise<string[]> => {
  const runFolder = mkdtempSync(join(tmpdir(), 'rapporteur-random-'));
  const cloud = await startRemoteCloud(runFolder);
  let isWrong = true;
  try {
    const play = await createMeetingPlay(cloud);
    const rest = async (when: string): Promise<string[]> =>
      (await cloud.call('rest', patienceMillis)).map((why) => `no rest ${when}: ${why}`);
    for (const [index, step] of steps.entries()) {
      say(`${index} ${JSON.stringify(step)}`);
      await play.perform(step);
    }
    await cloud.noteProcesses();
    await cloud.call('heal');
    const restless = await rest('after the faults were removed');
    const { mayHaveLostEvents } = play.done();
    const pretending = mayHaveLostEvents ? [] : pretenders(await cloud.call('snapshot'));
    const redriven = restless.length > 0 ? 0 : await cloud.call('redrive', 'all');
    say(`healed, ${redriven} executions redriven`);
    if (redriven > 0) restless.push(...(await rest('after the redrive')));
    const seen = await cloud.call('snapshot');
    await cloud.noteProcesses();
    await cloud.close();
    const wrong = [
      ...play.unexpected,
      ...restless,
      ...pretending.map((what) => `before the redrive ${what}`),
      ...complaints(play.meetings, seen, play.done()),
      ...leaksIn(cloud.folder, cloud.logFolder, seen),
      ...residueIn(cloud.folder),
      ...(await cloud.orphans()).map((pid) => `process ${pid} outlived the cloud`),
    ];
    isWrong = wrong.length > 0;
    return isWrong ? [...wrong, `data and logs: ${runFolder}`] : [];
  } finally {
    cloud.abandon();
    if (!isWrong) rmSync(runFolder, { recursive: true, force: true });
  }
};
