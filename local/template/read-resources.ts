import * as z from 'zod';

import type {
  DeployedBucket,
  DeployedFunction,
  DeployedRule,
  DeployedSchedule,
  DeployedSecret,
  DeployedStateMachine,
  DeployedTable,
} from './deployment.ts';
import type { Identity } from './identity.ts';

/** A resource whose intrinsic functions are worked out. */
export interface Resolved {
  readonly logicalId: string;
  readonly type: string;
  readonly identity: Identity;
  readonly properties: Readonly<Record<string, unknown>>;
}

const record = z.record(z.string(), z.unknown());

/**
 * Reads a resource's properties. `schema` is strict: it lists what is read and, as `z.unknown()`, what has no effect on
 * this machine; a property in neither list is refused, because ignoring it would make the local cloud lie.
 */
export const read = <S extends z.ZodType>(schema: S, { logicalId, type, properties }: Resolved): z.infer<S> => {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys : [])].join('.');
  const what = issue?.code === 'unrecognized_keys' ? 'is not supported by the local cloud' : issue?.message;
  throw new Error(`${logicalId} (${type}): ${where} ${what}.`);
};

export const unread = z.unknown().optional();

const functionSchema = z.strictObject({
  Code: z.strictObject({ S3Bucket: unread, S3Key: unread, S3ObjectVersion: unread }),
  FunctionName: unread,
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  MemorySize: z.coerce.number().default(128),
  Timeout: z.coerce.number().default(3),
  Environment: z
    .strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
  ReservedConcurrentExecutions: z.coerce.number().optional(),
  ...{
    Role: unread,
    Architectures: unread,
    Description: unread,
    Tags: unread,
    Layers: unread,
    EphemeralStorage: unread,
  },
  ...{
    TracingConfig: unread,
    LoggingConfig: unread,
    DeadLetterConfig: unread,
    KmsKeyArn: unread,
    PackageType: z.literal('Zip').optional(),
  },
});

export const readFunction = (resource: Resolved, stage: string, asyncRetries: number | undefined): DeployedFunction => {
  const properties = read(functionSchema, resource);
  const { name } = resource.identity;
  const marker = `-${stage}-`;
  if (!name.includes(marker))
    throw new Error(
      `${resource.logicalId}: the function name ${name} does not hold the stage, as in rapporteur${marker}NAME.`,
    );
  return {
    logicalId: resource.logicalId,
    key: name.slice(name.indexOf(marker) + marker.length),
    name,
    arn: attribute(resource, 'Arn'),
    handler: properties.Handler,
    environment: properties.Environment.Variables,
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    ...(properties.ReservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
    ...(asyncRetries === undefined ? {} : { asyncRetries }),
  };
};

const stateMachineSchema = z.strictObject({
  StateMachineName: unread,
  StateMachineType: z.literal('STANDARD', { error: 'must be STANDARD to run in the local cloud' }).optional(),
  RoleArn: z.string(),
  DefinitionString: z.string().optional(),
  Definition: record.optional(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
  ...{ LoggingConfiguration: unread, TracingConfiguration: unread, EncryptionConfiguration: unread, Tags: unread },
});

export const readStateMachine = (resource: Resolved): DeployedStateMachine => {
  const { RoleArn, DefinitionString, Definition, DefinitionSubstitutions } = read(stateMachineSchema, resource);
  const text = (DefinitionString ?? JSON.stringify(Definition ?? null)).replace(
    /\$\{([^}]+)\}/g,
    (whole, name: string) => DefinitionSubstitutions[name] ?? whole,
  );
  const definition = record.safeParse(parseJson(text));
  if (!definition.success)
    throw new Error(`${resource.logicalId}: the definition of ${resource.identity.name} is not a JSON object.`);
  return {
    logicalId: resource.logicalId,
    name: resource.identity.name,
    arn: attribute(resource, 'Arn'),
    definition: definition.data,
    roleArn: RoleArn,
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const throughput = z.looseObject({ ReadCapacityUnits: z.coerce.number(), WriteCapacityUnits: z.coerce.number() });
const tableSchema = z.strictObject({
  TableName: unread,
  AttributeDefinitions: z.array(record),
  KeySchema: z.array(record),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).default('PROVISIONED'),
  ProvisionedThroughput: throughput.optional(),
  GlobalSecondaryIndexes: z.array(record).optional(),
  LocalSecondaryIndexes: z.array(record).optional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string().optional(), Enabled: z.coerce.string() })
    .optional(),
  ...{ SSESpecification: unread, PointInTimeRecoverySpecification: unread, DeletionProtectionEnabled: unread },
  ...{ TableClass: unread, Tags: unread, ContributorInsightsSpecification: unread },
});

export const readTable = (resource: Resolved): DeployedTable => {
  const { TableName: _name, TimeToLiveSpecification: ttl, ...properties } = read(tableSchema, resource);
  const {
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    ProvisionedThroughput,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
  } = properties;
  const given = {
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    ProvisionedThroughput,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
  };
  const createTable = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    logicalId: resource.logicalId,
    name: resource.identity.name,
    // The template's members bear the names of the API; the table service checks what is in them.
    createTable: { TableName: resource.identity.name, ...createTable },
    ...(ttl?.AttributeName !== undefined && ttl.Enabled === 'true' ? { ttlAttribute: ttl.AttributeName } : {}),
  };
};

const bucketSchema = z.strictObject({
  BucketName: unread,
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  LifecycleConfiguration: z.looseObject({ Rules: z.array(record) }).optional(),
  ...{ BucketEncryption: unread, PublicAccessBlockConfiguration: unread, OwnershipControls: unread, Tags: unread },
});

export const readBucket = (resource: Resolved): DeployedBucket => {
  const properties = read(bucketSchema, resource);
  return {
    logicalId: resource.logicalId,
    name: resource.identity.name,
    versioning: properties.VersioningConfiguration?.Status === 'Enabled',
    lifecycle: properties.LifecycleConfiguration?.Rules ?? [],
  };
};

const secretSchema = z.strictObject({
  Name: unread,
  SecretString: z.string().optional(),
  GenerateSecretString: record.optional(),
  ...{ Description: unread, KmsKeyId: unread, Tags: unread },
});

export const readSecret = (resource: Resolved): DeployedSecret => {
  const properties = read(secretSchema, resource);
  return {
    logicalId: resource.logicalId,
    name: resource.identity.name,
    arn: attribute(resource, 'Id'),
    ...(properties.SecretString === undefined ? {} : { value: properties.SecretString }),
    ...(properties.GenerateSecretString === undefined ? {} : { generate: properties.GenerateSecretString }),
  };
};

const target = z.strictObject({
  Arn: z.string(),
  Input: z.string().optional(),
  ...{ Id: unread, RoleArn: unread, RetryPolicy: unread, DeadLetterConfig: unread },
});
const state = z.enum(['ENABLED', 'DISABLED']).default('ENABLED');
const ruleSchema = z.strictObject({
  Name: unread,
  Description: unread,
  EventBusName: z.literal('default', { error: 'must be the default bus to work in the local cloud' }).optional(),
  EventPattern: record.optional(),
  ScheduleExpression: z.string().optional(),
  State: state,
  Targets: z.array(target).default([]),
});

/** A rule holds a pattern, a schedule, or both. */
export const readRule = (
  resource: Resolved,
): { readonly rule?: DeployedRule; readonly schedule?: DeployedSchedule } => {
  const properties = read(ruleSchema, resource);
  const { EventPattern: pattern, ScheduleExpression: expression } = properties;
  if (!pattern && expression === undefined)
    throw new Error(`${resource.logicalId}: a rule needs an EventPattern or a ScheduleExpression.`);
  const shared = { name: resource.identity.name, targets: properties.Targets.map(readTarget), state: properties.State };
  return {
    ...(pattern ? { rule: { ...shared, pattern } } : {}),
    ...(expression === undefined ? {} : { schedule: { ...shared, expression, timezone: 'UTC' } }),
  };
};

const scheduleSchema = z.strictObject({
  Name: unread,
  Description: unread,
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  FlexibleTimeWindow: unread,
  State: state,
  Target: target,
});

export const readSchedule = (resource: Resolved): DeployedSchedule => {
  const properties = read(scheduleSchema, resource);
  return {
    name: resource.identity.name,
    expression: properties.ScheduleExpression,
    timezone: properties.ScheduleExpressionTimezone,
    targets: [readTarget(properties.Target)],
    state: properties.State,
  };
};

const readTarget = ({ Arn, Input }: z.infer<typeof target>) => ({
  arn: Arn,
  ...(Input === undefined ? {} : { input: Input }),
});

const attribute = ({ logicalId, identity }: Resolved, name: string): string => {
  const value = identity.attributes[name];
  if (value === undefined) throw new Error(`${logicalId} has no ${name}.`);
  return value;
};

const eventInvokeSchema = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST').optional(),
  MaximumRetryAttempts: z.coerce.number().optional(),
  ...{ MaximumEventAgeInSeconds: unread, DestinationConfig: unread },
});

/** How often an asynchronous invocation of which function is repeated. */
export const readAsyncRetries = (resource: Resolved): readonly [functionName: string, retries: number] => {
  const { FunctionName, MaximumRetryAttempts } = read(eventInvokeSchema, resource);
  return [FunctionName, MaximumRetryAttempts ?? 2];
};
