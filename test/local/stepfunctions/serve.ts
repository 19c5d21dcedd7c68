import { join } from 'node:path';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { jsonService } from '../../../local/gateway/json-service.ts';
import { createLambda } from '../../../local/lambda/runtime.ts';
import { createEngine } from '../../../local/stepfunctions/engine.ts';
import { executionMachine } from './execution-machine.ts';

// A process of its own, for tests that kill it: `serve.ts FOLDER` goes on with the executions there and prints its address.
const folder = process.argv[2]!;
const keys = ['first', 'flaky', 'ask', 'load'];

const lambda = createLambda({
  mode: 'process',
  baseEnvironment: {},
  functions: keys.map((name) => ({
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    entryFile: join(folder, 'handler.mjs'),
    exportName: 'handler',
    environment: { FOLDER: folder, KEY: name },
    timeoutSeconds: 60,
    memoryMb: 128,
  })),
});
const engine = createEngine({ folder: join(folder, 'executions'), invokeFunction: lambda.invoke });
engine.putStateMachine({
  arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
  name: 'm',
  definition: executionMachine,
  roleArn: 'arn:aws:iam::000000000000:role/m',
});
await engine.resume();
const gateway = await startGateway({
  port: 0,
  services: { states: jsonService({ prefix: 'AWSStepFunctions', version: '1.0', operations: engine.operations }) },
});
console.log(gateway.url);
