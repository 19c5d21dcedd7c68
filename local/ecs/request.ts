import * as z from 'zod';
import { AwsError, notSupported } from '../gateway/aws-error.ts';

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** Reads a request: what nothing here answers is refused by name, what has the wrong form as ECS does it. */
export const readRequest = <T extends z.ZodRawShape>(shape: T, input: unknown, operation: string) => {
  const unknown = Object.keys(input ?? {}).find((member) => !Object.hasOwn(shape, member));
  if (unknown !== undefined) throw notSupported(`${operation} with ${unknown}`);
  const result = z.object(shape).safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw notSupported(`${operation} with ${[...issue.path, ...issue.keys].join('.')}`);
  throw invalid(`${issue?.path.join('.') ?? 'request'}: ${issue?.message ?? 'not readable'}`);
};

const pair = z.strictObject({ name: z.string().optional(), value: z.string().optional() });

export const runTaskShape = {
  taskDefinition: z.string().optional(),
  cluster: z.string().optional(),
  count: z.number().int().optional(),
  clientToken: z.string().max(64).optional(),
  startedBy: z.string().optional(),
  group: z.string().optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  capacityProviderStrategy: z
    .array(
      z.strictObject({
        capacityProvider: z.string(),
        base: z.number().int().min(0).max(100_000).optional(),
        weight: z.number().int().min(0).max(1_000).optional(),
      }),
    )
    .optional(),
  platformVersion: z.string().optional(),
  networkConfiguration: z
    .strictObject({
      awsvpcConfiguration: z
        .strictObject({
          subnets: z.array(z.string()),
          securityGroups: z.array(z.string()).optional(),
          assignPublicIp: z.enum(['ENABLED', 'DISABLED']).optional(),
        })
        .optional(),
    })
    .optional(),
  overrides: z
    .strictObject({
      containerOverrides: z
        .array(
          z.strictObject({
            name: z.string().optional(),
            command: z.array(z.string()).optional(),
            environment: z.array(pair).optional(),
            cpu: z.number().optional(),
            memory: z.number().optional(),
            memoryReservation: z.number().optional(),
          }),
        )
        .optional(),
      cpu: z.string().optional(),
      memory: z.string().optional(),
      ephemeralStorage: z.strictObject({ sizeInGiB: z.number().int() }).optional(),
      taskRoleArn: z.string().optional(),
      executionRoleArn: z.string().optional(),
    })
    .optional(),
  tags: z
    .array(z.strictObject({ key: z.string().optional(), value: z.string().optional() }))
    .max(50)
    .optional(),
  propagateTags: z.enum(['TASK_DEFINITION', 'SERVICE', 'NONE']).optional(),
  enableECSManagedTags: z.boolean().optional(),
  enableExecuteCommand: z.literal(false, { error: 'is not supported by the local cloud' }).optional(),
  referenceId: z.string().optional(),
};
