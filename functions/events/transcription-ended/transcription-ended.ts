import * as z from 'zod';
import { settleWork, type SettlePorts } from '../../../core/transcription/settle-work.ts';

/** "Transcribe Job State Change", as far as it is read here. What it says of the end is asked of the provider. */
export const event = z.object({ detail: z.object({ TranscriptionJobName: z.string() }) });

/** Goes on with a recording whose sound was heard; the same event twice does nothing more. */
export const transcriptionEnded =
  (ports: SettlePorts | undefined) =>
  async ({ detail }: z.output<typeof event>): Promise<void> => {
    // Deployed where speech recognition is on.
    if (ports) await settleWork(ports, detail.TranscriptionJobName);
  };
