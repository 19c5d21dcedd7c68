import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import * as z from 'zod';

/** Who only finds and stops tasks need know no more. Not set while the switch `mediaTask` is off, like the rest. */
export const mediaClusterConfig = { mediaCluster: z.string().optional() };

export const mediaTaskConfig = {
  ...mediaClusterConfig,
  mediaTaskDefinition: z.string().optional(),
  mediaSubnets: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
  mediaSecurityGroup: z.string().optional(),
  mediaImage: z.string().optional(),
};
type Config = Partial<z.output<z.ZodObject<typeof mediaTaskConfig>>>;

/** The container's name in the task definition. */
const containerName = 'media';
/** More tasks of one execution at once than there can ever be. */
const mostStopped = 100;

export type MediaTasks = {
  /** The tag under which the image was pushed, where it was. */
  readonly image: string | undefined;
  /** The ARN, or why there is no room. */
  start(task: StartedTask): Promise<{ arn: string } | { noRoom: string }>;
  /** Those that are meant to run. */
  find(startedBy: string): Promise<string[]>;
  stop(arn: string, reason: string): Promise<void>;
  /** Why a task has stopped, where it has and ECS still knows. */
  whyStopped(arn: string): Promise<{ code: string; reason: string } | undefined>;
};

export type StartedTask = {
  readonly jobId: string;
  readonly round: number;
  readonly startedBy: string;
  readonly clientToken: string;
};

/** The media tasks of this stage, or nothing where they are switched off. */
export const mediaTasks = (config: Config, client = new ECSClient()): MediaTasks | undefined => {
  const { mediaCluster: cluster, mediaTaskDefinition: taskDefinition } = config;
  if (cluster === undefined) return undefined;
  return {
    image: config.mediaImage === 'none' ? undefined : config.mediaImage,
    start: async ({ jobId, round, startedBy, clientToken }) => {
      const environment = [
        { name: 'JOB_ID', value: jobId },
        { name: 'TASK_ROUND', value: String(round) },
      ];
      const { tasks, failures } = await client.send(
        new RunTaskCommand({
          cluster,
          taskDefinition,
          clientToken,
          startedBy,
          launchType: 'FARGATE',
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: config.mediaSubnets ?? [],
              securityGroups: [config.mediaSecurityGroup ?? ''],
              // Without a NAT this is the way out: to the registry, to Zoom and to AWS.
              assignPublicIp: 'ENABLED',
            },
          },
          overrides: { containerOverrides: [{ name: containerName, environment }] },
        }),
      );
      const arn = tasks?.[0]?.taskArn;
      // ECS answers 200 also when it had no room.
      if (arn === undefined) return { noRoom: failures?.[0]?.reason ?? 'ECS named no reason' };
      return { arn };
    },
    find: (startedBy) => findTasks(client, cluster, startedBy),
    stop: (arn, reason) => stopTask(client, cluster, arn, reason),
    whyStopped: async (arn) => {
      const { tasks } = await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
      const [task] = tasks ?? [];
      if (task?.lastStatus !== 'STOPPED') return undefined;
      return { code: task.stopCode ?? '', reason: task.stoppedReason ?? '' };
    },
  };
};

const findTasks = async (client: ECSClient, cluster: string, startedBy: string): Promise<string[]> => {
  const { taskArns } = await client.send(new ListTasksCommand({ cluster, startedBy, maxResults: mostStopped }));
  return taskArns ?? [];
};

const stopTask = async (client: ECSClient, cluster: string, task: string, reason: string): Promise<void> => {
  try {
    await client.send(new StopTaskCommand({ cluster, task, reason }));
  } catch (error) {
    // A task that ECS has forgotten has stopped.
    if (!(error instanceof Error) || !/task was not found/.test(error.message)) throw error;
  }
};
