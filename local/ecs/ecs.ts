import { join } from 'node:path';
import * as z from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Operations, Service } from '../gateway/service.ts';
import { openAddresses } from './addresses.ts';
import { environmentOf, type SecretReader } from './environment.ts';
import { startLife, type Life, type Pace } from './life.ts';
import { startMetadata } from './metadata.ts';
import { invalid, readRequest } from './request.ts';
import { clusterOf, planTasks, type RunTaskRequest } from './run-task.ts';
import { showTask, taskStateChange } from './show-task.ts';
import { openTaskLog, rememberedMs } from './task-log.ts';
import type { DeployedCluster, DeployedNetwork, DeployedTaskDefinition, Task } from './task.ts';

export interface EcsOptions {
  readonly folder: string;
  readonly clusters: readonly DeployedCluster[];
  readonly taskDefinitions: readonly DeployedTaskDefinition[];
  readonly network: DeployedNetwork;
  /** What the image of a container would run, by the container's name in the task definition: program and arguments. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** What every container finds in its environment: the way to the other services, and keys in place of a role's. */
  readonly baseEnvironment: () => Readonly<Record<string, string>>;
  readonly secret: SecretReader;
  /** Wins over what the task definition says: the addresses of this machine. */
  readonly outside?: () => Readonly<Record<string, string>>;
  readonly onStateChange: (task: { readonly arn: string; readonly detail: object }) => Promise<void>;
  readonly onLog?: (entry: { task: string; container: string; line: string }) => void;
  readonly clock?: Clock;
  readonly pace?: Pace;
}

export type LocalEcs = Awaited<ReturnType<typeof createEcs>>;

const quickPace: Pace = { provisioning: 40, pending: 40, deprovisioning: 20 };
const mostListed = 100;
const lostReason = 'The local cloud ended while the task was there.';

/** ECS with Fargate's tasks alone, each container a process of this machine. */
export const createEcs = async (options: EcsOptions) => {
  const { folder, clusters, taskDefinitions, network, clock = systemClock, pace = quickPace } = options;
  const log = await openTaskLog(folder, clock.now());
  const { tasks } = log;
  const takeAddress = openAddresses([...tasks.values()].map(({ address }) => address));
  const metadata = await startMetadata(tasks);
  const lives = new Map<string, Life>();
  const refusals: { times: number; reason: string; detail?: string | undefined; provider?: string | undefined }[] = [];

  const changed = async (task: Task): Promise<void> => {
    await log.keep(task);
    await options.onStateChange({ arn: task.arn, detail: taskStateChange(task) });
  };
  const definitionOf = ({ taskDefinitionArn }: Task) => taskDefinitions.find(({ arn }) => arn === taskDefinitionArn);

  const begin = (task: Task): void => {
    const life = startLife(task, {
      folder: join(folder, 'storage'),
      clock,
      pace,
      definitionOf,
      changed,
      commandOf: ({ name }) => options.programs[name],
      environmentOf: (one, container) =>
        environmentOf(one, container, {
          base: options.baseEnvironment(),
          outside: options.outside?.() ?? {},
          metadataUri: metadata.uriOf(one),
          secret: options.secret,
        }),
      onLine: (one, line) => options.onLog?.({ task: one.id, container: one.containers[0]?.name ?? '', line }),
    });
    lives.set(task.arn, life);
    void life.ended.finally(() => lives.delete(task.arn));
  };

  const refusal = ({ capacityProviderStrategy }: RunTaskRequest) => {
    const provider = capacityProviderStrategy?.[0]?.capacityProvider;
    const found = refusals.find((one) => one.times > 0 && (one.provider === undefined || one.provider === provider));
    if (!found) return undefined;
    found.times -= 1;
    return { reason: found.reason, detail: found.detail };
  };

  const find = (cluster: string | undefined, given: string): Task | undefined => {
    const { arn } = clusterOf(clusters, cluster);
    const task = [...tasks.values()].find((one) => one.arn === given || one.id === given);
    if (task?.clusterArn !== arn) return undefined;
    return task.stoppedAt !== undefined && task.stoppedAt < clock.now() - rememberedMs ? undefined : task;
  };

  const operations: Operations = {
    RunTask: async (input: unknown) => {
      const made = planTasks(
        { clusters, taskDefinitions, network, tasks, refusal, takeAddress, now: () => clock.now() },
        input,
      );
      for (const task of made.fresh ? made.tasks : []) {
        tasks.set(task.arn, task);
        await changed(task);
        begin(task);
      }
      return { tasks: made.tasks.map((task) => showTask(task)), failures: made.failures };
    },
    DescribeTasks: async (input: unknown) => {
      const shape = {
        cluster: z.string().optional(),
        tasks: z.array(z.string()).optional(),
        include: z.array(z.literal('TAGS')).optional(),
      };
      const request = readRequest(shape, input, 'DescribeTasks');
      clusterOf(clusters, request.cluster);
      const given = request.tasks ?? [];
      if (given.length === 0) throw invalid('Tasks cannot be empty.');
      if (given.length > mostListed) throw invalid(`Tasks can have at most ${mostListed} items.`);
      const found = given.map((one) => ({ one, task: find(request.cluster, one) }));
      const { arn: clusterArn } = clusterOf(clusters, request.cluster);
      const arnOf = (one: string): string =>
        one.startsWith('arn:') ? one : `${clusterArn.replace(':cluster/', ':task/')}/${one}`;
      return {
        tasks: found.flatMap(({ task }) => (task ? [showTask(task, { withTags: request.include !== undefined })] : [])),
        failures: found.flatMap(({ one, task }) => (task ? [] : [{ arn: arnOf(one), reason: 'MISSING' }])),
      };
    },
    ListTasks: async (input: unknown) => {
      const shape = {
        cluster: z.string().optional(),
        startedBy: z.string().optional(),
        family: z.string().optional(),
        launchType: z.string().optional(),
        desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).optional(),
        maxResults: z.number().int().min(1).max(mostListed).optional(),
        nextToken: z.string().optional(),
      };
      const request = readRequest(shape, input, 'ListTasks');
      const { arn } = clusterOf(clusters, request.cluster);
      const { startedBy, family, launchType, desiredStatus = 'RUNNING', maxResults = mostListed } = request;
      if (startedBy !== undefined && (family !== undefined || launchType !== undefined))
        throw invalid('startedBy must be the only filter that is used.');
      const from = Number(Buffer.from(request.nextToken ?? 'MA', 'base64url').toString());
      if (!Number.isInteger(from) || from < 0) throw invalid('Invalid token');
      const now = clock.now();
      const found = [...tasks.values()].filter(
        (task) =>
          task.clusterArn === arn &&
          task.desiredStatus === desiredStatus &&
          (task.stoppedAt ?? now) >= now - rememberedMs &&
          (startedBy === undefined || task.startedBy === startedBy) &&
          (family === undefined || definitionOf(task)?.family === family) &&
          (launchType === undefined || (task.launchType ?? 'FARGATE') === launchType),
      );
      const to = from + maxResults;
      return {
        taskArns: found.slice(from, to).map((task) => task.arn),
        ...(to < found.length ? { nextToken: Buffer.from(String(to)).toString('base64url') } : {}),
      };
    },
    StopTask: async (input: unknown) => {
      const shape = {
        cluster: z.string().optional(),
        task: z.string().min(1),
        reason: z.string().max(1_024).optional(),
      };
      const request = readRequest(shape, input, 'StopTask');
      const task = find(request.cluster, request.task);
      if (!task) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
      await lives.get(task.arn)?.stop('UserInitiated', request.reason ?? 'Task stopped by user');
      return { task: showTask(task) };
    },
  };

  const service: Service = jsonService({ prefix: 'AmazonEC2ContainerServiceV20141113', version: '1.1', operations });
  return {
    service,
    /** Ends, with a reason and an event, what an earlier process left: its containers died with it. */
    resume: async (): Promise<void> => {
      for (const task of tasks.values()) {
        if (task.lastStatus === 'STOPPED' || lives.has(task.arn)) continue;
        const now = clock.now();
        for (const container of task.containers) Object.assign(container, { status: 'STOPPED', exitCode: 137 });
        Object.assign(task, {
          lastStatus: 'STOPPED',
          desiredStatus: 'STOPPED',
          stopCode: task.stopCode ?? 'TerminationNotice',
          stoppedReason: task.stoppedReason ?? lostReason,
          stoppingAt: task.stoppingAt ?? now,
          stoppedAt: now,
          version: task.version + 1,
        });
        await changed(task);
      }
    },
    tasks: (): Task[] => [...tasks.values()],
    /** The processes of a task's containers. */
    pidsOf: (arn: string): number[] => lives.get(arn)?.pids() ?? [],
    /** The next tasks find no room: `RESOURCE:ENI`, `Capacity is unavailable at this time. …`. */
    refuseCapacity: (
      times: number,
      reason = 'RESOURCE:ENI',
      about: { provider?: string; detail?: string } = {},
    ): void => void refusals.push({ times, reason, ...about }),
    /** The task is gone, and nobody says so: no event, and nothing to describe. */
    lose: async (arn: string): Promise<void> => {
      const task = tasks.get(arn);
      lives.get(arn)?.kill();
      tasks.delete(arn);
      // So old that the next start forgets it.
      if (task) await log.keep({ ...task, lastStatus: 'STOPPED', stoppedAt: 0 });
    },
    /** As an unplugged machine: containers die, and it is the next start that says so. */
    close: async (): Promise<void> => {
      for (const life of lives.values()) life.kill();
      await Promise.allSettled([...lives.values()].map(({ ended }) => ended));
      await metadata.close();
    },
  };
};
