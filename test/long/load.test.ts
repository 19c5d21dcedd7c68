import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { webhookStorm } from '../../bench/webhook-storm.ts';
import { projectRoot } from '../../local/root.ts';

test('thirty webhooks a second for ten seconds are all acknowledged, and each has its job and its execution', async () => {
  const count = 300;
  const packageFolder = process.env.RAPPORTEUR_DATA ?? join(projectRoot(), '.local');
  const storm = await webhookStorm({ count, perSecond: 30, packageFolder });
  expect(storm).toMatchObject({ sent: count, acknowledged: count, jobs: count, executions: count, ended: count });
});
