import type { SpeechRows, SpeechWork } from '../job/speech-rows.ts';
import type { Leases } from '../lease/leases.ts';
import { keepOutOfLogs, log } from '../step/log.ts';
import type { ProviderState, SpeechWatcher, WorkEnd } from './driver.ts';
import { readWorkName, workNameOf } from './work-name.ts';

export type SettlePorts = {
  readonly driver: SpeechWatcher;
  readonly rows: Pick<SpeechRows, 'works' | 'work' | 'heard' | 'failed' | 'again' | 'tokens' | 'answered'>;
  readonly leases: Pick<Leases, 'release'>;
  /** Answers the state that waits with a token; false where nobody waits any more. */
  readonly answer: (token: string) => Promise<boolean>;
  readonly prefix: string;
  readonly now: () => Date;
};

/** A provider that fails by its own fault is asked so often. */
const mostAttempts = 3;
/** Four hours of sound take no service as long. The recording goes on without words rather than wait for ever. */
const longestMs = 6 * 3_600_000;

/**
 * Looks where one piece of work is. An end is noted first, then the state that waits is answered, and the place is
 * freed last: as long as it is held, polling comes by, so a crash in between is made good. Repeated it does no harm.
 */
export const settleWork = async (
  ports: SettlePorts,
  name: string,
  /** Asked when nothing can be on its way any more: work that the provider does not know is then lost. */
  { isOver = false }: { isOver?: boolean } = {},
): Promise<ProviderState['state']> => {
  const { driver, rows, leases, prefix, now } = ports;
  const named = readWorkName(prefix, name);
  const found = named && (await rows.work(named.jobId, driver.name, named.workId));
  // Of an attempt that another has followed only its place is left to be seen to.
  const work = found?.name === name ? found : undefined;
  const at = await driver.state(work ?? { name });

  if (work && at.state === 'ended') await noteEnd(ports, work, at);
  else if (work?.status === 'started' && at.state === 'absent' && isOver)
    await noteEnd(ports, work, {
      outcome: 'failed',
      because: `${driver.title} does not know it any more.`,
      retry: true,
    });
  else if (work?.status === 'started' && isTooLong(work, now()))
    await rows.failed(work, `${driver.title} did not come to an end in ${longestMs / 3_600_000} hours.`);
  // Also where the end was noted before: whoever did it may have come no further.
  if (named) await answerWaiting(ports, named.jobId);
  if (at.state === 'ended') await leases.release(name);
  return at.state;
};

const isTooLong = ({ startedAt }: SpeechWork, now: Date): boolean =>
  startedAt !== undefined && now.getTime() - Date.parse(startedAt) > longestMs;

const noteEnd = async ({ driver, rows, prefix }: SettlePorts, work: SpeechWork, end: WorkEnd): Promise<void> => {
  const { jobId, workId, attempt } = work;
  if (end.outcome === 'done') await rows.heard(work, end.resultKey);
  else if (end.retry && attempt < mostAttempts)
    await rows.again(work, workNameOf({ prefix, jobId, workId, attempt: attempt + 1 }));
  else await rows.failed(work, end.because);
  const because = end.outcome === 'failed' ? { because: end.because } : {};
  log.info('speech recognition ended', { jobId, driver: driver.name, attempt, outcome: end.outcome, ...because });
};

/** Whoever waits for a job goes on when none of its work is at the provider. */
export const answerWaiting = async (
  { driver, rows, answer }: Pick<SettlePorts, 'driver' | 'rows' | 'answer'>,
  jobId: string,
): Promise<void> => {
  const tokens = await rows.tokens(jobId);
  if (tokens.length === 0) return;
  // Read after the tokens: whoever leaves one looks at the work behind it.
  if ((await rows.works(jobId, driver.name)).some(({ status }) => status === 'started')) return;
  for (const token of tokens) {
    keepOutOfLogs(token);
    await answer(token);
  }
  await rows.answered(jobId, tokens);
};
