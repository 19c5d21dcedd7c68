import { operations } from '../../../local/scheduler/operations.ts';
import { openStore } from '../../../local/scheduler/store.ts';

// Run by scheduler.test.ts, which kills it: prints the name of each schedule that was acknowledged.
const store = await openStore(process.argv[2] ?? '', Date.now());
const { CreateSchedule } = operations({ store, now: Date.now, started: () => undefined, stopped: () => undefined });
for (let count = 0; ; count += 1) {
  const Name = `schedule-${count}`;
  await CreateSchedule({
    Name,
    ScheduleExpression: 'rate(1 day)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: 'arn:aws:lambda:us-east-1:000000000000:function:join',
      RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
    },
  });
  process.stdout.write(`${Name}\n`);
}
