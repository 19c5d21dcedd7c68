import { GetTranscriptionJobCommand, StartTranscriptionJobCommand, TranscribeClient } from '@aws-sdk/client-transcribe';
import type { TranscribeApi } from '../transcription/transcribe/provider.ts';

/**
 * Amazon Transcribe. Without the SDK's retries for a start: a request that it repeats could arrive after the last was
 * answered, when the place it was sent for has gone to another.
 */
export const transcribeApi = (
  starter = new TranscribeClient({ maxAttempts: 1 }),
  reader = new TranscribeClient(),
): TranscribeApi => ({
  start: (input) => starter.send(new StartTranscriptionJobCommand(input)),
  get: (name) => reader.send(new GetTranscriptionJobCommand({ TranscriptionJobName: name })),
});
