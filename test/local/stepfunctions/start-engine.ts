import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { jsonService } from '../../../local/gateway/json-service.ts';
import { createFixture, executionArn, machineArn } from '../../unit/local-stepfunctions/engine-fixture.ts';
import type { Functions } from '../../unit/local-stepfunctions/engine-fixture.ts';
import { lambda, machine, task } from '../../unit/local-stepfunctions/asl.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The engine behind the gateway, and the SDK as it comes; the engine's time is virtual. */
export const start = async (definition: object, functions: Functions = {}) => {
  const fixture = createFixture(definition, functions);
  const gateway = await startGateway({
    port: 0,
    services: {
      states: jsonService({ prefix: 'AWSStepFunctions', version: '1.0', operations: fixture.engine.operations }),
    },
  });
  const sdk = new SFNClient({
    endpoint: gateway.url,
    region: localRegion,
    credentials: localCredentials,
    maxAttempts: 1,
  });
  closers.push(
    () => fixture.engine.close(),
    () => gateway.close(),
    () => sdk.destroy(),
  );
  const execute = (name: string, input: unknown = {}) =>
    sdk.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }));
  return { ...fixture, sdk, execute };
};

export const passing = machine({ Only: { Type: 'Pass', End: true } });
/** Runs until it is stopped: its function never answers, and meanwhile no time passes. */
export const hanging = machine({ Work: task('hang') });
export const hang: Functions = { hang: () => new Promise(() => undefined) };
/** Frozen: the SDK's paginators write into what they are given. */
export const one = Object.freeze({ executionArn: executionArn('one') });

const asking = machine({
  Ask: task('ask', {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: lambda('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
  }),
});

/** Starts the machine above and answers its token. */
export const startAsking = async () => {
  let given: (token: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => (given = resolve));
  const running = await start(asking, { ask: ({ token }: { token: string }) => given(token) });
  await running.execute('one');
  return { ...running, taskToken: await asked };
};
