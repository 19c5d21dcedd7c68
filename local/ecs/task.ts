/** What the template says of a task and what the stand-in knows of one that runs. */

export interface DeployedContainer {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** By the variable's name: the ARN of a secret, with `:key::` behind it for one member of a JSON secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
}

export interface DeployedTaskDefinition {
  readonly logicalId: string;
  readonly family: string;
  readonly arn: string;
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorageGiB: number;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly containers: readonly DeployedContainer[];
}

export interface DeployedCluster {
  readonly name: string;
  readonly arn: string;
  readonly capacityProviders: readonly string[];
}

/** The ids that awsvpcConfiguration may name. */
export interface DeployedNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED';
export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'TerminationNotice';

export interface ContainerOverride {
  readonly name?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly environment?:
    readonly { readonly name?: string | undefined; readonly value?: string | undefined }[] | undefined;
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
}

export interface TaskOverride {
  readonly containerOverrides?: readonly ContainerOverride[] | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly ephemeralStorage?: { readonly sizeInGiB: number } | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
}

export interface TaskContainer {
  readonly name: string;
  readonly arn: string;
  readonly image: string;
  readonly runtimeId: string;
  status: 'PENDING' | 'RUNNING' | 'STOPPED';
  exitCode?: number;
  reason?: string;
}

/** Times in milliseconds since 1970. */
export interface Task {
  readonly id: string;
  readonly arn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly clientToken?: string | undefined;
  /** Of the request that made it: the same client token with another request is a conflict. */
  readonly requestDigest: string;
  readonly launchType?: string | undefined;
  readonly capacityProviderName?: string | undefined;
  readonly overrides: TaskOverride;
  readonly tags: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[];
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorageGiB: number;
  readonly subnet: string;
  readonly address: string;
  readonly interfaceId: string;
  readonly attachmentId: string;
  readonly createdAt: number;
  readonly containers: TaskContainer[];
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  version: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
}
