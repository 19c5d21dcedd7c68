import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEcs, type LocalEcs } from '../../../local/ecs/ecs.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { until } from '../../fakes/local-cloud.ts';

type Told = { taskArn: string; lastStatus: string; desiredStatus: string; version: number; stopCode?: string };

const prefix = 'arn:aws:ecs:us-east-1:000000000000';
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:keys-abcdef';

/** What the container runs: it says what it sees, and behaves as its environment tells it. */
const program = `
const say = (about) => console.log(JSON.stringify(about));
say({ env: { ...process.env }, args: process.argv.slice(2), cwd: process.cwd() });
if (process.env.MODE === 'exit') process.exit(Number(process.env.CODE ?? 0));
process.on('SIGTERM', () => { say('SIGTERM'); if (process.env.MODE !== 'deaf') process.exit(0); });
setInterval(() => undefined, 1000);
`;

let folder: string;
let gateway: Gateway;
let ecs: LocalEcs;
let client: ECSClient;
let told: Told[];
let lines: string[];

const boot = async (): Promise<void> => {
  const entry = join(folder, 'entry.mjs');
  writeFileSync(entry, program);
  ecs = await createEcs({
    folder: join(folder, 'ecs'),
    clusters: [{ name: 'media', arn: `${prefix}:cluster/media`, capacityProviders: ['FARGATE', 'FARGATE_SPOT'] }],
    taskDefinitions: ['worker', 'stranger'].map((name) => ({
      logicalId: name,
      family: name,
      arn: `${prefix}:task-definition/${name}:1`,
      cpu: '2048',
      memory: '8192',
      ephemeralStorageGiB: 50,
      containers: [
        {
          name,
          image: `registry/${name}:1`,
          essential: true,
          environment: { MODE: 'wait', API_URL: 'https://api.zoom.us' },
          secrets: { KEY: `${secretArn}:key::` },
          stopTimeout: 1,
        },
      ],
    })),
    network: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-a'] },
    programs: { worker: [process.execPath, entry, 'fixed'] },
    baseEnvironment: () => ({ AWS_REGION: localRegion }),
    outside: () => ({ API_URL: 'http://127.0.0.1:1' }),
    secret: async (id) => {
      if (id === secretArn) return JSON.stringify({ key: 'the value' });
      throw new Error(`there is no ${id}`);
    },
    onStateChange: async ({ detail }) => void told.push(detail as Told),
    onLog: ({ line }) => lines.push(line),
    pace: { provisioning: 5, pending: 5, deprovisioning: 5 },
  });
  gateway = await startGateway({ port: 0, services: { ecs: ecs.service } });
  client = new ECSClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
};

const shutDown = async (): Promise<void> => {
  client.destroy();
  await gateway.close();
  await ecs.close();
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-ecs-'));
  told = [];
  lines = [];
  await boot();
});
afterEach(async () => {
  await shutDown();
  rmSync(folder, { recursive: true });
});

const request = (more: Partial<RunTaskCommandInput> = {}): RunTaskCommandInput => ({
  cluster: 'media',
  taskDefinition: 'worker',
  launchType: 'FARGATE',
  networkConfiguration: {
    awsvpcConfiguration: { subnets: ['subnet-a'], securityGroups: ['sg-a'], assignPublicIp: 'ENABLED' },
  },
  ...more,
});
const withMode = (MODE: string, more: Record<string, string> = {}): Partial<RunTaskCommandInput> => ({
  overrides: {
    containerOverrides: [
      { name: 'worker', environment: Object.entries({ MODE, ...more }).map(([name, value]) => ({ name, value })) },
    ],
  },
});
const run = async (more: Partial<RunTaskCommandInput> = {}): Promise<Task> => {
  const { tasks = [], failures } = await client.send(new RunTaskCommand(request(more)));
  expect(failures).toEqual([]);
  return tasks[0] as Task;
};
const see = async ({ taskArn = '' }: Task): Promise<Task | undefined> =>
  (await client.send(new DescribeTasksCommand({ cluster: 'media', tasks: [taskArn] }))).tasks?.[0];
/** A status can be read a moment before it is told. */
const reach = (task: Task, status: string): Promise<Task> =>
  until(async () => {
    const found = await see(task);
    return found?.lastStatus === status && statuses(task).some((one) => one.startsWith(`${status}/`)) && found;
  });
const statuses = ({ taskArn }: Task): string[] =>
  told
    .filter((one) => one.taskArn === taskArn)
    .map(({ lastStatus, desiredStatus }) => `${lastStatus}/${desiredStatus}`);
const list = async (more: object = {}): Promise<string[]> =>
  (await client.send(new ListTasksCommand({ cluster: 'media', ...more }))).taskArns ?? [];

describe('a task', () => {
  test('runs the program of its container until it is stopped, and each change is told in order', async () => {
    const task = await run();
    expect(task).toMatchObject({ lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING', cpu: '2048' });
    const running = await reach(task, 'RUNNING');
    expect(running.startedAt).toBeInstanceOf(Date);
    expect(running.containers?.[0]).toMatchObject({ name: 'worker', lastStatus: 'RUNNING' });

    await until(() => lines.length > 0);
    const { task: stopping } = await client.send(
      new StopTaskCommand({ cluster: 'media', task: task.taskArn ?? '', reason: 'enough' }),
    );
    expect(stopping).toMatchObject({ desiredStatus: 'STOPPED', lastStatus: 'RUNNING' });
    const stopped = await reach(task, 'STOPPED');
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough' });
    expect(stopped.containers?.[0]).toMatchObject({ exitCode: 0, lastStatus: 'STOPPED' });
    expect(lines).toContain('"SIGTERM"');
    expect(statuses(task)).toEqual([
      'PROVISIONING/RUNNING',
      'PENDING/RUNNING',
      'RUNNING/RUNNING',
      'RUNNING/STOPPED',
      'DEPROVISIONING/STOPPED',
      'STOPPED/STOPPED',
    ]);
    const versions = told.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    // Stopping it again is no error.
    await client.send(new StopTaskCommand({ cluster: 'media', task: task.taskArn ?? '' }));
  });

  test('has an address of its own before it runs, in every place where ECS tells it', async () => {
    const tasks = [await run(), await run()];
    const addresses = await Promise.all(
      tasks.map(async (task) => {
        const { attachments, containers } = await reach(task, 'RUNNING');
        const detail = attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value;
        expect(attachments?.[0]).toMatchObject({ type: 'ElasticNetworkInterface', status: 'ATTACHED' });
        expect(containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address).toBe(detail);
        return detail;
      }),
    );
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
    const event = told.find(({ lastStatus }) => lastStatus === 'RUNNING') as unknown as {
      attachments: { type: string }[];
    };
    expect(event.attachments[0]?.type).toBe('eni');
  });

  test('sees the environment of its definition, the overrides, its secrets and where to ask about itself', async () => {
    const task = await run({
      ...withMode('wait', { JOB_ID: 'j1' }),
      overrides: {
        containerOverrides: [{ name: 'worker', command: ['more'], environment: [{ name: 'JOB_ID', value: 'j1' }] }],
      },
    });
    await reach(task, 'RUNNING');
    await until(() => lines.length > 0);
    const { env, args } = JSON.parse(lines[0] ?? '') as { env: Record<string, string>; args: string[] };
    expect(env).toMatchObject({ JOB_ID: 'j1', KEY: 'the value', API_URL: 'http://127.0.0.1:1', MODE: 'wait' });
    expect(env.AWS_EXECUTION_ENV).toBe('AWS_ECS_FARGATE');
    expect(args).toEqual(['fixed', 'more']);
    const about = (await (await fetch(`${env.ECS_CONTAINER_METADATA_URI_V4}/task`)).json()) as { TaskARN: string };
    expect(about.TaskARN).toBe(task.taskArn);
  });

  test.each([
    ['0', 0],
    ['7', 7],
  ])('that ends by itself with %s has stopped because its container exited', async (CODE, exitCode) => {
    const stopped = await reach(await run(withMode('exit', { CODE })), 'STOPPED');
    expect(stopped).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    expect(stopped.containers?.[0]?.exitCode).toBe(exitCode);
  });

  test('that is deaf to SIGTERM is killed when its time is over', async () => {
    const task = await run(withMode('deaf'));
    await until(() => lines.length > 0);
    await client.send(new StopTaskCommand({ cluster: 'media', task: task.taskArn ?? '' }));
    expect((await reach(task, 'STOPPED')).containers?.[0]?.exitCode).toBe(137);
  });

  test('whose process is killed has stopped with 137', async () => {
    const task = await run();
    await until(() => lines.length > 0);
    for (const pid of ecs.pidsOf(task.taskArn ?? '')) process.kill(pid, 'SIGKILL');
    const stopped = await reach(task, 'STOPPED');
    expect(stopped.containers?.[0]?.exitCode).toBe(137);
    expect(stopped.stopCode).toBe('EssentialContainerExited');
  });

  test('stopped while it is provisioned never starts', async () => {
    const task = await run();
    await client.send(new StopTaskCommand({ cluster: 'media', task: task.taskArn ?? '' }));
    await reach(task, 'STOPPED');
    expect(lines).toEqual([]);
    expect(statuses(task)).not.toContain('RUNNING/RUNNING');
  });

  test('whose image cannot be pulled fails to start, with the reason in the words of ECS', async () => {
    const stopped = await reach(await run({ taskDefinition: 'stranger' }), 'STOPPED');
    expect(stopped.stopCode).toBe('TaskFailedToStart');
    expect(stopped.stoppedReason).toMatch(/^CannotPullContainerError: .*registry\/stranger:1: not found/);
  });

  test('outlives neither the local cloud nor its own record: the next start ends it with a reason and an event', async () => {
    const task = await run();
    await until(() => lines.length > 0);
    const [pid = 0] = ecs.pidsOf(task.taskArn ?? '');
    await shutDown();
    expect(() => process.kill(pid, 0)).toThrow();
    await boot();
    await ecs.resume();
    const stopped = await see(task);
    expect(stopped).toMatchObject({
      lastStatus: 'STOPPED',
      stoppedReason: expect.stringContaining('local cloud ended'),
    });
    expect(statuses(task).at(-1)).toBe('STOPPED/STOPPED');
    expect((await run()).taskArn).not.toBe(task.taskArn);
  });

  test('can be lost: no event, and nothing to describe', async () => {
    const task = await run();
    await reach(task, 'RUNNING');
    const before = told.length;
    await ecs.lose(task.taskArn ?? '');
    const { tasks, failures } = await client.send(
      new DescribeTasksCommand({ cluster: 'media', tasks: [task.taskArn ?? ''] }),
    );
    expect(tasks).toEqual([]);
    expect(failures).toEqual([{ arn: task.taskArn, reason: 'MISSING' }]);
    expect(told.length).toBe(before);
  });
});

describe('RunTask', () => {
  test('with a token it knows answers the task it has made, and refuses another request under that token', async () => {
    const first = await run({ clientToken: 'job-1-1', startedBy: 'job-1' });
    const second = await run({ clientToken: 'job-1-1', startedBy: 'job-1' });
    expect(second.taskArn).toBe(first.taskArn);
    await expect(run({ clientToken: 'job-1-1', startedBy: 'job-2' })).rejects.toMatchObject({
      name: 'ConflictException',
      resourceIds: [first.taskArn],
    });
    expect(await list({ startedBy: 'job-1' })).toEqual([first.taskArn]);
  });

  test('without room answers 200 with failures, as often as it was told to', async () => {
    ecs.refuseCapacity(
      1,
      'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    );
    const refused = await client.send(new RunTaskCommand(request({ count: 2 })));
    expect(refused.tasks).toHaveLength(1);
    expect(refused.failures?.[0]?.reason).toMatch(/^Capacity is unavailable/);
    ecs.refuseCapacity(1, 'RESOURCE:ENI', { provider: 'FARGATE_SPOT' });
    await run();
    const { launchType: _none, ...spot } = request();
    const strategy = { ...spot, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] };
    expect((await client.send(new RunTaskCommand(strategy))).failures).toMatchObject([{ reason: 'RESOURCE:ENI' }]);
    expect((await client.send(new RunTaskCommand(strategy))).tasks?.[0]?.capacityProviderName).toBe('FARGATE_SPOT');
  });

  test.each<[string, Partial<RunTaskCommandInput>, string, RegExp]>([
    ['an unknown cluster', { cluster: 'other' }, 'ClusterNotFoundException', /Cluster not found/],
    ['an unknown task definition', { taskDefinition: 'nobody' }, 'InvalidParameterException', /not found/],
    ['no network', { networkConfiguration: undefined }, 'InvalidParameterException', /Network Configuration/],
    [
      'an unknown subnet',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-x'] } } },
      'InvalidParameterException',
      /subnet-x/,
    ],
    [
      'an unknown security group',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'], securityGroups: ['sg-x'] } } },
      'InvalidParameterException',
      /sg-x/,
    ],
    [
      'launch type and capacity providers at once',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'InvalidParameterException',
      /both/,
    ],
    ['eleven tasks', { count: 11 }, 'InvalidParameterException', /10/],
    ['a startedBy that is too long', { startedBy: 'x'.repeat(129) }, 'InvalidParameterException', /startedBy/],
    [
      'an override of a container that is not there',
      { overrides: { containerOverrides: [{ name: 'nobody' }] } },
      'InvalidParameterException',
      /nobody/,
    ],
    [
      'overrides of more than 8,192 characters',
      withMode('wait', { LONG: 'x'.repeat(8_192) }),
      'InvalidParameterException',
      /8192/,
    ],
  ])('refuses %s', async (_what, more, name, message) => {
    await expect(client.send(new RunTaskCommand(request(more)))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
    expect(told).toEqual([]);
  });

  test('says by name what it cannot do', async () => {
    await expect(run({ enableExecuteCommand: true })).rejects.toThrow(/enableExecuteCommand/);
    await expect(run({ placementStrategy: [{ type: 'random' }] })).rejects.toMatchObject({
      name: 'NotSupportedByLocalCloud',
    });
  });
});

describe('ListTasks', () => {
  test('finds tasks by who started them, page by page, and stopped ones when asked', async () => {
    const { tasks = [] } = await client.send(new RunTaskCommand(request({ count: 3, startedBy: 'job/1' })));
    const other = await run({ startedBy: 'job/2' });
    const first = await client.send(new ListTasksCommand({ cluster: 'media', startedBy: 'job/1', maxResults: 2 }));
    expect(first.taskArns).toHaveLength(2);
    const rest = await list({ startedBy: 'job/1', maxResults: 2, nextToken: first.nextToken });
    expect([...(first.taskArns ?? []), ...rest].sort()).toEqual(tasks.map(({ taskArn }) => taskArn).sort());
    await client.send(new StopTaskCommand({ cluster: 'media', task: other.taskArn ?? '' }));
    expect(await list({ startedBy: 'job/2' })).toEqual([]);
    expect(await list({ startedBy: 'job/2', desiredStatus: 'STOPPED' })).toEqual([other.taskArn]);
    await expect(list({ startedBy: 'job/1', family: 'worker' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

test('StopTask and DescribeTasks refuse what ECS refuses', async () => {
  const missing = `${prefix}:task/media/${'0'.repeat(32)}`;
  await expect(client.send(new StopTaskCommand({ cluster: 'media', task: missing }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'The referenced task was not found.',
  });
  await expect(client.send(new DescribeTasksCommand({ cluster: 'media', tasks: [] }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await expect(client.send(new DescribeTasksCommand({ tasks: [missing] }))).rejects.toMatchObject({
    name: 'ClusterNotFoundException',
  });
});
