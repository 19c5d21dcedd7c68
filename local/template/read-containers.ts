import * as z from 'zod';

import type { DeployedCluster, DeployedTaskDefinition } from '../ecs/task.ts';
import { read, unread } from './read-resources.ts';
import type { Resolved } from './read-resources.ts';

const clusterSchema = z.strictObject({
  ClusterName: unread,
  CapacityProviders: z.array(z.string()).default([]),
  ...{ ClusterSettings: unread, Configuration: unread, DefaultCapacityProviderStrategy: unread, Tags: unread },
});

export const readCluster = (resource: Resolved): DeployedCluster => ({
  name: resource.identity.name,
  arn: resource.identity.attributes['Arn'] ?? '',
  capacityProviders: read(clusterSchema, resource).CapacityProviders,
});

/** Fargate's own, in seconds; 120 is the most. */
const defaultStopTimeout = 30;

const containerSchema = z.strictObject({
  Name: z.string(),
  Image: z.string(),
  Essential: z.boolean().default(true),
  Environment: z.array(z.strictObject({ Name: z.string(), Value: z.coerce.string() })).default([]),
  Secrets: z.array(z.strictObject({ Name: z.string(), ValueFrom: z.string() })).default([]),
  StopTimeout: z.coerce.number().min(2).max(120).default(defaultStopTimeout),
  ...{
    Cpu: unread,
    DockerLabels: unread,
    HealthCheck: unread,
    LinuxParameters: unread,
    LogConfiguration: unread,
    Memory: unread,
    MemoryReservation: unread,
    MountPoints: unread,
    PortMappings: unread,
    ReadonlyRootFilesystem: unread,
    Ulimits: unread,
    User: unread,
  },
});

const taskDefinitionSchema = z.strictObject({
  Family: unread,
  Cpu: z.coerce.string(),
  Memory: z.coerce.string(),
  NetworkMode: z.literal('awsvpc', { error: 'must be awsvpc to run in the local cloud' }),
  RequiresCompatibilities: z.tuple([z.literal('FARGATE')], { error: 'must be FARGATE to run in the local cloud' }),
  ExecutionRoleArn: z.string().optional(),
  TaskRoleArn: z.string().optional(),
  EphemeralStorage: z.strictObject({ SizeInGiB: z.coerce.number().min(21).max(200) }).optional(),
  ContainerDefinitions: z.array(containerSchema).min(1),
  ...{ RuntimePlatform: unread, Volumes: unread, Tags: unread },
});

/** What Fargate gives a task that asks for nothing. */
const defaultStorageGiB = 20;

export const readTaskDefinition = (resource: Resolved): DeployedTaskDefinition => {
  const properties = read(taskDefinitionSchema, resource);
  return {
    logicalId: resource.logicalId,
    family: resource.identity.name,
    arn: resource.identity.ref ?? '',
    cpu: properties.Cpu,
    memory: properties.Memory,
    ephemeralStorageGiB: properties.EphemeralStorage?.SizeInGiB ?? defaultStorageGiB,
    taskRoleArn: properties.TaskRoleArn,
    executionRoleArn: properties.ExecutionRoleArn,
    containers: properties.ContainerDefinitions.map((container) => ({
      name: container.Name,
      image: container.Image,
      essential: container.Essential,
      environment: Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
      secrets: Object.fromEntries(container.Secrets.map(({ Name, ValueFrom }) => [Name, ValueFrom])),
      stopTimeout: container.StopTimeout,
    })),
  };
};
