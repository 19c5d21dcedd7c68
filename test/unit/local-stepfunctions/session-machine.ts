import { lambda, machine, task } from './asl.ts';

const again = [
  { ErrorEquals: ['PermanentError'], MaxAttempts: 0 },
  { ErrorEquals: ['States.ALL'], MaxAttempts: 2 },
];
const toTheEnd = [
  { ErrorEquals: ['States.ALL'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'StopTask' },
];

const step = (key: string, rest: object): object =>
  task(key, { End: undefined, Arguments: { id: '{% $id %}' }, Retry: again, Catch: toTheEnd, ...rest });

/**
 * A session as a bot lives it: it is launched, asked for its address every five seconds, joins, and then reports by
 * heartbeats until it is done. Whatever goes wrong, its task is stopped.
 */
export const sessionMachine = machine(
  {
    LaunchTask: step('launchTask', {
      Arguments: { id: '{% $states.input.id %}', startedBy: '{% $states.context.Execution.Name %}' },
      Assign: { id: '{% $states.input.id %}', polls: 0, why: null },
      Next: 'FindAddress',
    }),
    FindAddress: step('findAddress', {
      Arguments: { id: '{% $id %}', poll: '{% $polls %}' },
      Assign: { polls: '{% $polls + 1 %}' },
      Next: 'HasAddress',
    }),
    HasAddress: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $exists($states.input.address) %}', Next: 'SendJoin' },
        { Condition: '{% $polls >= 4 %}', Assign: { why: 'NO_ADDRESS' }, Next: 'StopTask' },
      ],
      Default: 'AwaitAddress',
    },
    AwaitAddress: { Type: 'Wait', Seconds: 5, Next: 'FindAddress' },
    SendJoin: step('sendJoin', { Next: 'AwaitEnd' }),
    AwaitEnd: step('awaitEnd', {
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: {
        FunctionName: lambda('awaitEnd'),
        Payload: { id: '{% $id %}', token: '{% $states.context.Task.Token %}' },
      },
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 60,
      Retry: undefined,
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { why: '{% $states.errorOutput.Error %}' }, Next: 'SendLeave' }],
      Next: 'StopTask',
    }),
    SendLeave: step('sendLeave', { Next: 'StopTask' }),
    StopTask: step('stopTask', {
      Arguments: { startedBy: '{% $states.context.Execution.Name %}' },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
      Next: 'HasMedia',
    }),
    HasMedia: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $why = null %}', Next: 'HandOver' }],
      Default: 'Failed',
    },
    HandOver: step('handOver', { Catch: undefined, Next: 'Done' }),
    Done: { Type: 'Succeed', Output: { polls: '{% $polls %}' } },
    Failed: { Type: 'Fail', Error: '{% $why %}', Cause: 'The session ended early.' },
  },
  { TimeoutSeconds: 14_400 },
);
