import * as z from 'zod';

const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});

/** The outer form of a CloudFormation template; what lies in the properties is resolved and read type by type. */
export const templateSchema = z.looseObject({
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown(), Condition: z.string().optional() })).default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type Resource = Template['Resources'][string];

/** Where the template is deployed to. */
export interface Target {
  readonly region: string;
  readonly accountId: string;
  readonly stage: string;
  readonly partition: 'aws';
  /** The address under which the HTTP API is served; without it, links lead to the address it would have on AWS. */
  readonly httpApiEndpoint?: string;
}
