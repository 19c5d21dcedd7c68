import type * as z from 'zod';
import { HttpError, type Answer } from '../../../core/step/route.ts';
import { keepOutOfLogs } from '../../../core/step/log.ts';
import type { Asked } from '../../../core/symbl/asked-rows.ts';
import { isCallbackSecret, type callbackBody } from '../../../core/symbl/callback.ts';
import { readReference } from '../../../core/symbl/reference.ts';
import { settleWork, type SettlePorts } from '../../../core/transcription/settle-work.ts';

export type Ports = {
  /** What secrets of callbacks are made with. */
  readonly key: () => Promise<string>;
  readonly speech: SettlePorts | undefined;
  readonly asked: Pick<Asked, 'remove'>;
};

type Request = {
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly input: z.output<typeof callbackBody>;
};

const ends = ['completed', 'failed'];

/**
 * The service says that a job has changed. Only who was given the job's own address can say so, and what is true is asked
 * of the service: the body is no more than a reason to look.
 */
export const symblCallback =
  ({ key, speech, asked }: Ports) =>
  async ({ path, input }: Request): Promise<Answer> => {
    const { jobId = '', secret = '' } = path;
    keepOutOfLogs(secret);
    if (!isCallbackSecret(secret, jobId, await key()))
      throw new HttpError(403, 'FORBIDDEN', 'This is not the address that the service was given.');
    // Switched off since.
    if (!speech) return { status: 200, body: {} };
    const open = (await speech.rows.works(jobId, speech.driver.name)).filter(({ status }) => status === 'started');
    const known = open.filter(({ reference }) => readReference(reference)?.jobId === input.jobId);
    for (const { name } of known) await settleWork(speech, name);
    // The end of work whose start was never answered: nobody knows its result, and it is started once more.
    const lost =
      known.length > 0 || !ends.includes(input.status) ? [] : open.filter(({ reference }) => !readReference(reference));
    for (const { name } of lost) {
      await asked.remove(name);
      await settleWork(speech, name, { isOver: true });
    }
    return { status: 200, body: {} };
  };
