import { lambda, machine, task } from '../../unit/local-stepfunctions/asl.ts';

/** A function in flight, a wait, a function that dies, a token with heartbeats, and a Map that is half done. */
export const executionMachine = machine({
  First: task('first', { Arguments: { item: 'x' }, End: undefined, Next: 'Sleep' }),
  Sleep: { Type: 'Wait', Seconds: 2, Next: 'Flaky' },
  Flaky: task('flaky', {
    Arguments: { item: 'x' },
    Retry: [{ ErrorEquals: ['Runtime.ExitError'], IntervalSeconds: 1, MaxAttempts: 3 }],
    End: undefined,
    Next: 'Ask',
  }),
  Ask: task('ask', {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: {
      FunctionName: lambda('ask'),
      Payload: { item: 'x', token: '{% $states.context.Task.Token %}' },
    },
    HeartbeatSeconds: 300,
    Assign: { answer: '{% $states.result %}' },
    End: undefined,
    Next: 'Each',
  }),
  Each: {
    Type: 'Map',
    Items: ['a', 'b', 'c'],
    ItemSelector: { item: '{% $states.context.Map.Item.Value %}' },
    ItemProcessor: { StartAt: 'Load', States: { Load: task('load') } },
    Output: { answer: '{% $answer %}', loaded: '{% $states.result %}' },
    End: true,
  },
});
