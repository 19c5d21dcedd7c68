import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { executionNameOf } from '../keys.ts';

export const recordingMachineConfig = {
  recordingMachine: z.string().min(1, 'expected the ARN of the recording machine'),
};

/** Starts the recording machine. The name derives from job and attempt, so that a second start is none. */
export const recordingMachine = (
  { recordingMachine: stateMachineArn }: { recordingMachine: string },
  client = new SFNClient(),
) => ({
  start: async (jobId: string, attempt: number): Promise<void> => {
    try {
      const name = executionNameOf(jobId, attempt);
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ jobId }) }));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    }
  },
});
