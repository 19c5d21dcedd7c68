import * as sfn from '@aws-sdk/client-sfn';
import { CreateStateMachineCommand, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { machineArn, roleArn } from '../../unit/local-stepfunctions/engine-fixture.ts';
import { errorCases } from './error-cases.ts';
import { passing, start, startAsking } from './start-engine.ts';

const exported = sfn as unknown as Record<string, new (input: object) => StartExecutionCommand>;

/** An execution that waited for its token and has got its answer. */
const startEnded = async () => {
  const running = await startAsking();
  await running.call('SendTaskSuccess', { taskToken: running.taskToken, output: '1' });
  await running.ended('one');
  return running;
};

const startWorld = async (world: string) => {
  if (world === 'asking') return startAsking();
  if (world === 'ended') return startEnded();
  // A good token, of an execution that is not here.
  const { taskToken } = await startAsking();
  return { ...(await start(passing)), taskToken };
};

describe('The SDK gets its own typed error', () => {
  test.each(errorCases)('$operation: $error', async ({ operation, error, world, inputs }) => {
    const { sdk, taskToken } = await startWorld(world);
    const Command = exported[`${operation}Command`]!;
    for (const input of inputs(taskToken)) {
      const failure: unknown = await sdk.send(new Command(input)).catch((caught: unknown) => caught);
      expect(failure).toBeInstanceOf(exported[error]);
    }
  });
});

describe('What the local cloud does not do is refused by name', () => {
  test.each([
    [
      'an operation',
      new CreateStateMachineCommand({ name: 'n', definition: '{}', roleArn }),
      'UnknownOperationException',
    ],
    [
      'a trace',
      new StartExecutionCommand({ stateMachineArn: machineArn, traceHeader: 'Root=1' }),
      'NotSupportedByLocalCloud',
    ],
    ['a Map Run', new ListExecutionsCommand({ mapRunArn: machineArn }), 'NotSupportedByLocalCloud'],
  ])('%s', async (_, command, name) => {
    const { sdk } = await start(passing);
    await expect(sdk.send(command as StartExecutionCommand)).rejects.toMatchObject({ name });
  });
});
