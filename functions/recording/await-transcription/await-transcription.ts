import * as z from 'zod';
import type { SpeechRows } from '../../../core/job/speech-rows.ts';
import { keepOutOfLogs } from '../../../core/step/log.ts';
import { answerWaiting, settleWork, type SettlePorts } from '../../../core/transcription/settle-work.ts';

export const input = z.object({ jobId: z.string().min(1), taskToken: z.string().min(1) });

export type Ports = {
  /** Nothing where speech recognition is switched off. */
  readonly speech: (SettlePorts & { readonly rows: Pick<SpeechRows, 'wait'> }) | undefined;
  readonly answer: SettlePorts['answer'];
};

/**
 * Leaves the token where whoever hears of an end finds it, and then looks once itself: an end that came before the
 * token was there has told nobody.
 */
export const awaitTranscription =
  ({ speech, answer }: Ports) =>
  async ({ jobId, taskToken }: z.output<typeof input>): Promise<{ atWork: number }> => {
    keepOutOfLogs(taskToken);
    if (!speech) {
      await answer(taskToken);
      return { atWork: 0 };
    }
    const { rows, driver } = speech;
    await rows.wait(jobId, taskToken);
    const started = (await rows.works(jobId, driver.name)).filter(({ status }) => status === 'started');
    let atWork = 0;
    for (const { name } of started) if ((await settleWork(speech, name)) !== 'ended') atWork += 1;
    await answerWaiting(speech, jobId);
    return { atWork };
  };
