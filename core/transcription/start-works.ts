import type { SpeechRows, SpeechWork } from '../job/speech-rows.ts';
import type { Leases } from '../lease/leases.ts';
import { startUnderLease } from '../lease/start-under-lease.ts';
import { PermanentError } from '../step/errors.ts';
import type { Recorded, Sound, TranscriptionDriver } from './driver.ts';
import { workIdOf, workNameOf } from './work-name.ts';

export type StartWorksPorts = {
  readonly driver: TranscriptionDriver;
  readonly rows: Pick<SpeechRows, 'works' | 'plan' | 'started' | 'failed'>;
  readonly leases: Leases;
  /** Of this stage's names. */
  readonly prefix: string;
};

/** What a recording's sounds are at the moment; a sound that is gone from it counts no more. */
export const worksOf = (
  { name }: Pick<TranscriptionDriver, 'name'>,
  sounds: readonly Sound[],
  works: readonly SpeechWork[],
): (SpeechWork | undefined)[] =>
  sounds.map(({ track, content }) => {
    const workId = workIdOf(name, track, content);
    return works.find((work) => work.workId === workId);
  });

/**
 * Starts what of a recording is to be heard and was not started, as far as there are places. `busy`: some is left for
 * later, and nothing was lost by asking. `settled`: nothing is at work.
 */
export const startWorks = async (
  ports: StartWorksPorts,
  jobId: string,
  recorded: Recorded,
): Promise<'busy' | 'started' | 'settled'> => {
  const { driver, rows } = ports;
  const sounds = driver.sounds(recorded);
  const known = worksOf(driver, sounds, await rows.works(jobId, driver.name));
  for (const [at, sound] of sounds.entries()) if (!known[at]) await planWork(ports, jobId, sound);

  const works = worksOf(driver, sounds, await rows.works(jobId, driver.name)).filter((work) => work !== undefined);
  for (const work of works) {
    if (work.status !== 'planned') continue;
    // Whoever comes next would find no place either.
    if ((await startWork(ports, work)) === 'wait') return 'busy';
  }
  const after = worksOf(driver, sounds, await rows.works(jobId, driver.name));
  return after.some((work) => work?.status === 'started') ? 'started' : 'settled';
};

const planWork = async ({ driver, rows, prefix }: StartWorksPorts, jobId: string, sound: Sound): Promise<void> => {
  const { track, content, key, offsetMs, speaker } = sound;
  const workId = workIdOf(driver.name, track, content);
  const because = await driver.whyNot(sound);
  await rows.plan({
    ...{ jobId, driver: driver.name, workId, name: workNameOf({ prefix, jobId, workId, attempt: 1 }), attempt: 1 },
    ...{ key, offsetMs, ...(speaker !== undefined && { speaker }) },
    ...(because === undefined ? { status: 'planned' } : { status: 'failed', because }),
  });
};

const startWork = async ({ driver, rows, leases }: StartWorksPorts, work: SpeechWork): Promise<'wait' | 'on'> => {
  let reference: string | undefined;
  const start = async () => {
    const started = await driver.start(work);
    reference = started.reference;
    return started.answer;
  };
  const state = async () => (await driver.state(work)).state;
  try {
    if ((await startUnderLease({ leases, start, state }, work.name)) === 'wait') return 'wait';
    // Refused where its end was noted meanwhile.
    await rows.started(work, reference);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== 'FILE_NOT_AS_EXPECTED') throw error;
    await rows.failed(work, error.message.replace(/^\w+: /, ''));
    await leases.release(work.name);
  }
  return 'on';
};
