import { createHash, randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { invalid, readRequest, runTaskShape } from './request.ts';
import type { DeployedCluster, DeployedNetwork, DeployedTaskDefinition, Task } from './task.ts';

/** A client token is remembered for a day. */
const tokenLifeMs = 24 * 3_600_000;
/** Characters of all overrides together. */
const longestOverrides = 8_192;
const mostSubnets = 16;
const mostSecurityGroups = 5;
const id = (): string => randomBytes(16).toString('hex');

export interface RunTaskParts {
  readonly clusters: readonly DeployedCluster[];
  readonly taskDefinitions: readonly DeployedTaskDefinition[];
  readonly network: DeployedNetwork;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly now: () => number;
  readonly takeAddress: () => string;
  /** The reason why there is no room for one more task, where a test has said so. */
  readonly refusal: (request: RunTaskRequest) => { reason: string; detail?: string | undefined } | undefined;
}

export type RunTaskRequest = z.output<z.ZodObject<typeof runTaskShape>>;

export const clusterOf = (clusters: readonly DeployedCluster[], given: string | undefined): DeployedCluster => {
  const name = given ?? 'default';
  const found = clusters.find((cluster) => cluster.name === name || cluster.arn === name);
  if (!found) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return found;
};

const definitionOf = (all: readonly DeployedTaskDefinition[], given: string | undefined): DeployedTaskDefinition => {
  if (!given) throw invalid('TaskDefinition can not be blank.');
  const found = all.find(({ family, arn }) => [family, `${family}:1`, arn].includes(given));
  if (!found) throw invalid('TaskDefinition not found.');
  return found;
};

const checkPlacement = (request: RunTaskRequest, cluster: DeployedCluster): void => {
  const { launchType, capacityProviderStrategy: strategy } = request;
  if (launchType && strategy?.length)
    throw invalid('Launch type and capacity provider strategy cannot both be specified.');
  if (launchType !== undefined && launchType !== 'FARGATE')
    throw invalid('No Container Instances were found in your cluster.');
  for (const { capacityProvider } of strategy ?? [])
    if (!cluster.capacityProviders.includes(capacityProvider))
      throw invalid(`The specified capacity provider '${capacityProvider}' is not associated with the cluster.`);
  if (!launchType && !strategy?.length) throw invalid('No Container Instances were found in your cluster.');
};

const checkNetwork = ({ networkConfiguration }: RunTaskRequest, network: DeployedNetwork): void => {
  const given = networkConfiguration?.awsvpcConfiguration;
  if (!given) throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const { subnets, securityGroups = [] } = given;
  if (subnets.length === 0) throw invalid('subnets can not be empty.');
  if (subnets.length > mostSubnets) throw invalid(`subnets can have at most ${mostSubnets} items.`);
  if (securityGroups.length > mostSecurityGroups)
    throw invalid(`securityGroups can have at most ${mostSecurityGroups} items.`);
  for (const subnet of subnets)
    if (!network.subnets.includes(subnet))
      throw invalid(
        `Error retrieving subnet information for [${subnet}]: The subnet ID '${subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
      );
  for (const group of securityGroups)
    if (!network.securityGroups.includes(group))
      throw invalid(
        `Error retrieving security group information for [${group}]: The security group '${group}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
      );
};

const checkOverrides = ({ overrides }: RunTaskRequest, definition: DeployedTaskDefinition): void => {
  if (!overrides) return;
  if (JSON.stringify(overrides).length > longestOverrides)
    throw invalid(`Container Overrides length must be at most ${longestOverrides}`);
  for (const { name } of overrides.containerOverrides ?? [])
    if (!definition.containers.some((container) => container.name === name))
      throw invalid(`Override for container named ${name} is not a container in the TaskDefinition.`);
  const size = overrides.ephemeralStorage?.sizeInGiB;
  if (size !== undefined && (size < 21 || size > 200))
    throw invalid('Ephemeral storage size must be between 21 and 200 GiB.');
};

const checkNames = ({ startedBy, clientToken, count = 1 }: RunTaskRequest): void => {
  if (startedBy !== undefined && !/^[A-Za-z0-9_/-]{1,128}$/.test(startedBy))
    throw invalid('startedBy can have at most 128 letters, numbers, hyphens, forward slashes, and underscores.');
  if (clientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(clientToken))
    throw invalid('clientToken can have at most 64 characters of ASCII.');
  if (count < 1) throw invalid('count must be at least 1.');
  if (count > 10) throw invalid('count cannot be greater than 10.');
};

type Made = { readonly tasks: Task[]; readonly fresh: boolean; readonly failures: object[] };

/** Judges a request, and makes its tasks, which do not run yet. One that was made before with the same token is answered again. */
export const planTasks = (parts: RunTaskParts, input: unknown): Made => {
  const request = readRequest(runTaskShape, input, 'RunTask');
  const cluster = clusterOf(parts.clusters, request.cluster);
  checkNames(request);
  const definition = definitionOf(parts.taskDefinitions, request.taskDefinition);
  checkPlacement(request, cluster);
  checkNetwork(request, parts.network);
  checkOverrides(request, definition);

  const { clientToken, count = 1 } = request;
  const requestDigest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const now = parts.now();
  const earlier = [...parts.tasks.values()].filter(
    (task) =>
      clientToken !== undefined &&
      task.clientToken === clientToken &&
      task.clusterArn === cluster.arn &&
      task.createdAt > now - tokenLifeMs,
  );
  if (earlier.length > 0) {
    if (earlier.every((task) => task.requestDigest === requestDigest))
      return { tasks: earlier, fresh: false, failures: [] };
    throw new AwsError(
      'ConflictException',
      'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request.',
      400,
      { resourceIds: earlier.map(({ arn }) => arn) },
    );
  }

  const tasks: Task[] = [];
  const failures: object[] = [];
  for (let i = 0; i < count; i += 1) {
    const refusal = parts.refusal(request);
    if (refusal) failures.push(refusal);
    else
      tasks.push(newTask(request, { cluster, definition, requestDigest, now, address: parts.takeAddress(), nth: i }));
  }
  return { tasks, fresh: true, failures };
};

type About = {
  readonly cluster: DeployedCluster;
  readonly definition: DeployedTaskDefinition;
  readonly requestDigest: string;
  readonly now: number;
  readonly address: string;
  readonly nth: number;
};

const newTask = (request: RunTaskRequest, { cluster, definition, requestDigest, now, address, nth }: About): Task => {
  const taskId = id();
  const prefix = `arn:aws:ecs:${localRegion}:${localAccount}`;
  const subnets = request.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  const { overrides = {} } = request;
  return {
    id: taskId,
    arn: `${prefix}:task/${cluster.name}/${taskId}`,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    group: request.group ?? `family:${definition.family}`,
    startedBy: request.startedBy,
    clientToken: request.clientToken,
    requestDigest,
    launchType: request.launchType,
    capacityProviderName: request.capacityProviderStrategy?.[0]?.capacityProvider,
    overrides,
    tags: request.tags ?? [],
    cpu: overrides.cpu ?? definition.cpu,
    memory: overrides.memory ?? definition.memory,
    ephemeralStorageGiB: overrides.ephemeralStorage?.sizeInGiB ?? definition.ephemeralStorageGiB,
    subnet: subnets[nth % subnets.length] ?? '',
    address,
    interfaceId: `eni-${id().slice(0, 17)}`,
    attachmentId: id(),
    createdAt: now,
    containers: definition.containers.map(({ name, image }) => ({
      name,
      image,
      arn: `${prefix}:container/${cluster.name}/${taskId}/${id()}`,
      runtimeId: `${taskId}-${name}`,
      status: 'PENDING',
    })),
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 1,
  };
};
