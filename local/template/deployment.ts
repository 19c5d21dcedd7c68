import type { CreateTableInput } from '@aws-sdk/client-dynamodb';
import type { DeployedCluster, DeployedNetwork, DeployedTaskDefinition } from '../ecs/task.ts';

export interface DeployedFunction {
  readonly logicalId: string;
  /** The function's key in the functions.yml of its group, for example `fetchMetadata`. */
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  /** How often an asynchronous invocation is repeated, where the template says. */
  readonly asyncRetries?: number;
}

export interface DeployedStateMachine {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly roleArn: string;
}

export interface DeployedTable {
  readonly logicalId: string;
  readonly name: string;
  readonly createTable: CreateTableInput;
  readonly ttlAttribute?: string;
}

export interface DeployedBucket {
  readonly logicalId: string;
  readonly name: string;
  readonly versioning: boolean;
  /** The rules of the template's LifecycleConfiguration as they are written there. */
  readonly lifecycle: readonly Readonly<Record<string, unknown>>[];
}

export interface DeployedSecret {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The first value: a text, or the template's GenerateSecretString. */
  readonly value?: string;
  readonly generate?: Readonly<Record<string, unknown>>;
}

export interface DeployedTarget {
  readonly arn: string;
  /** The constant JSON that is delivered instead of the event. */
  readonly input?: string;
}

export interface DeployedRule {
  readonly name: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly targets: readonly DeployedTarget[];
  readonly state: 'ENABLED' | 'DISABLED';
}

export interface DeployedSchedule {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  readonly targets: readonly DeployedTarget[];
  readonly state: 'ENABLED' | 'DISABLED';
}

export interface DeployedQueue {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

export interface DeployedRoute {
  /** `POST`, `ANY`, or `$default` with an empty path. */
  readonly method: string;
  readonly path: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface DeployedConfigurationSet {
  readonly name: string;
  /** The kinds of events that go to EventBridge, in small letters: `bounce`. */
  readonly events: readonly string[];
}

/** What the compiled template deploys, as far as it means something on this machine. */
export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly stateMachines: readonly DeployedStateMachine[];
  readonly tables: readonly DeployedTable[];
  readonly buckets: readonly DeployedBucket[];
  readonly secrets: readonly DeployedSecret[];
  readonly rules: readonly DeployedRule[];
  readonly schedules: readonly DeployedSchedule[];
  readonly queues: readonly DeployedQueue[];
  readonly routes: readonly DeployedRoute[];
  readonly clusters: readonly DeployedCluster[];
  readonly taskDefinitions: readonly DeployedTaskDefinition[];
  readonly network: DeployedNetwork;
  readonly configurationSets: readonly DeployedConfigurationSet[];
  readonly outputs: Readonly<Record<string, string>>;
}
