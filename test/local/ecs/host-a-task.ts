import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { createEcs } from '../../../local/ecs/ecs.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';

/** Runs a task that never ends, and says the ids of its processes: the container's own and that of a child of it. */
const folder = process.argv[2] ?? '';
const entry = join(folder, 'entry.mjs');
writeFileSync(
  entry,
  `import { spawn } from 'node:child_process';
   const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
   console.log(JSON.stringify([process.pid, child.pid]));
   setInterval(() => undefined, 1000);`,
);
const prefix = `arn:aws:ecs:${localRegion}:000000000000`;
const container = { name: 'sleeper', image: 'sleeper', essential: true, environment: {}, secrets: {}, stopTimeout: 2 };
const ecs = await createEcs({
  folder: join(folder, 'ecs'),
  clusters: [{ name: 'one', arn: `${prefix}:cluster/one`, capacityProviders: [] }],
  taskDefinitions: [
    {
      ...{ logicalId: 'sleeper', family: 'sleeper', arn: `${prefix}:task-definition/sleeper:1` },
      ...{ cpu: '256', memory: '512', ephemeralStorageGiB: 20, containers: [container] },
    },
  ],
  network: { subnets: ['subnet-a'], securityGroups: [] },
  programs: { sleeper: [process.execPath, entry] },
  baseEnvironment: () => ({}),
  secret: () => Promise.reject(new Error('there is none')),
  onStateChange: async () => undefined,
  onLog: ({ line }) => console.log(line),
});
const gateway = await startGateway({ port: 0, services: { ecs: ecs.service } });
const client = new ECSClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
await client.send(
  new RunTaskCommand({
    ...{ cluster: 'one', taskDefinition: 'sleeper', launchType: 'FARGATE' },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
  }),
);
