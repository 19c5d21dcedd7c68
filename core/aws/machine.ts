import { SFNClient, StartExecutionCommand, type StartExecutionCommandInput } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { executionNameOf } from '../keys.ts';

export const recordingMachineConfig = {
  recordingMachine: z.string().min(1, 'expected the ARN of the recording machine'),
};

export type StartExecution = (input: StartExecutionCommandInput) => Promise<unknown>;

const stepFunctions =
  (client = new SFNClient()): StartExecution =>
  (input) =>
    client.send(new StartExecutionCommand(input));

/** Starts the recording machine. The name derives from job and attempt, so that a second start is none. */
export const recordingMachine = (config: { recordingMachine: string }) => machineStartedBy(stepFunctions(), config);

export const machineStartedBy = (
  startExecution: StartExecution,
  { recordingMachine: stateMachineArn }: { recordingMachine: string },
) => ({
  start: async (jobId: string, attempt: number): Promise<void> => {
    try {
      const name = executionNameOf(jobId, attempt);
      await startExecution({ stateMachineArn, name, input: JSON.stringify({ jobId }) });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    }
  },
});
