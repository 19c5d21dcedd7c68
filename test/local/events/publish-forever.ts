import { createEvents } from '../../../local/events/events.ts';

// Run by events.test.ts, which kills it: prints the id of each event that was published. Its function never ends.
const events = await createEvents({
  folder: process.argv[2] ?? '',
  invokeFunction: () => new Promise(() => undefined),
});
events.putRule({
  name: 'failures',
  pattern: { source: ['aws.states'] },
  targets: [{ arn: 'arn:aws:lambda:us-east-1:000000000000:function:closer' }],
});
for (;;) {
  process.stdout.write(
    `${await events.publish({ source: 'aws.states', 'detail-type': 'x', detail: { status: 'FAILED' } })}\n`,
  );
}
