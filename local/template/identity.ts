import { createHash } from 'node:crypto';

import type { Resource, Target } from './schema.ts';

/** What Ref and Fn::GetAtt give for a resource. */
export interface Identity {
  readonly name: string;
  /** Undefined where the value has no meaning on this machine. */
  readonly ref: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Naming {
  /** The property that holds the name, when the template chooses it. */
  readonly property?: string;
  readonly limit: number;
  readonly describe: (
    name: string,
    arn: (service: string, rest: string) => string,
    target: Target,
    seed: string,
  ) => Omit<Identity, 'name'>;
}

/** Ref is the name and `Arn` the ARN, as for most types. */
const byName =
  (service: string, kind: string): Naming['describe'] =>
  (name, arn) => ({ ref: name, attributes: { Arn: arn(service, `${kind}${name}`) } });

/** Ref is the ARN. */
const byArn =
  (service: string, kind: string): Naming['describe'] =>
  (name, arn) => ({
    ref: arn(service, `${kind}${name}`),
    attributes: { Arn: arn(service, `${kind}${name}`), Name: name },
  });

/** Letters and digits that stay the same for the same seed, in place of those that AWS draws. */
const letters = (seed: string, count: number): string =>
  BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`)
    .toString(36)
    .slice(0, count);

/** EC2 draws its ids: a prefix and 17 hexadecimal digits. */
const byDrawnId =
  (prefix: string, attribute: string): Naming['describe'] =>
  (_name, _arn, _target, seed) => {
    const id = `${prefix}-0${createHash('sha256').update(seed).digest('hex').slice(0, 16)}`;
    return { ref: id, attributes: { [attribute]: id } };
  };

const global = (partition: string, service: string, rest: string): string => `arn:${partition}:${service}:::${rest}`;

const NAMING: Readonly<Record<string, Naming>> = {
  'AWS::Lambda::Function': { property: 'FunctionName', limit: 64, describe: byName('lambda', 'function:') },
  'AWS::DynamoDB::Table': { property: 'TableName', limit: 255, describe: byName('dynamodb', 'table/') },
  'AWS::S3::Bucket': {
    property: 'BucketName',
    limit: 63,
    describe: (name, _arn, { partition, region }) => ({
      ref: name,
      attributes: {
        Arn: global(partition, 's3', name),
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      },
    }),
  },
  'AWS::StepFunctions::StateMachine': {
    property: 'StateMachineName',
    limit: 80,
    describe: byArn('states', 'stateMachine:'),
  },
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    limit: 512,
    describe: (name, arn, _target, seed) => {
      const value = arn('secretsmanager', `secret:${name}-${letters(seed, 6)}`);
      return { ref: value, attributes: { Id: value } };
    },
  },
  'AWS::Events::Rule': { property: 'Name', limit: 64, describe: byName('events', 'rule/') },
  'AWS::Scheduler::Schedule': { property: 'Name', limit: 64, describe: byName('scheduler', 'schedule/default/') },
  // The URL of a queue would need a queue behind it.
  'AWS::SQS::Queue': {
    property: 'QueueName',
    limit: 80,
    describe: (name, arn) => ({ ref: undefined, attributes: { Arn: arn('sqs', name), QueueName: name } }),
  },
  'AWS::SES::ConfigurationSet': { property: 'Name', limit: 64, describe: byName('ses', 'configuration-set/') },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    limit: 256,
    describe: (name, arn) => ({ ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } }),
  },
  'AWS::IAM::Role': {
    property: 'RoleName',
    limit: 64,
    describe: (name, _arn, { partition, accountId }) => ({
      ref: name,
      attributes: { Arn: `arn:${partition}:iam::${accountId}:role/${name}`, RoleId: name },
    }),
  },
  'AWS::Logs::LogGroup': {
    property: 'LogGroupName',
    limit: 512,
    describe: (name, arn) => ({ ref: name, attributes: { Arn: `${arn('logs', `log-group:${name}`)}:*` } }),
  },
  'AWS::ApiGatewayV2::Api': {
    limit: 128,
    describe: (_name, _arn, target, seed) => {
      const id = letters(seed, 10);
      return { ref: id, attributes: { ApiId: id, ApiEndpoint: target.httpApiEndpoint ?? httpApiAddress(id, target) } };
    },
  },
  'AWS::ApiGatewayV2::Integration': { limit: 128, describe: (name) => ({ ref: name, attributes: {} }) },
  'AWS::ApiGatewayV2::Stage': {
    property: 'StageName',
    limit: 128,
    describe: (name) => ({ ref: name, attributes: {} }),
  },
  'AWS::Lambda::LayerVersion': {
    property: 'LayerName',
    limit: 140,
    describe: (name, arn) => ({ ref: arn('lambda', `layer:${name}:1`), attributes: {} }),
  },
  'AWS::ECS::Cluster': { property: 'ClusterName', limit: 255, describe: byName('ecs', 'cluster/') },
  'AWS::ECS::TaskDefinition': {
    property: 'Family',
    limit: 255,
    describe: (name, arn) => {
      const value = arn('ecs', `task-definition/${name}:1`);
      return { ref: value, attributes: { TaskDefinitionArn: value } };
    },
  },
  'AWS::ECR::Repository': {
    property: 'RepositoryName',
    limit: 256,
    describe: (name, arn, { accountId, region }) => ({
      ref: name,
      attributes: {
        Arn: arn('ecr', `repository/${name}`),
        RepositoryUri: `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`,
      },
    }),
  },
  'AWS::EC2::VPC': { limit: 255, describe: byDrawnId('vpc', 'VpcId') },
  'AWS::EC2::Subnet': { limit: 255, describe: byDrawnId('subnet', 'SubnetId') },
  'AWS::EC2::InternetGateway': { limit: 255, describe: byDrawnId('igw', 'InternetGatewayId') },
  'AWS::EC2::RouteTable': { limit: 255, describe: byDrawnId('rtb', 'RouteTableId') },
  'AWS::EC2::SecurityGroup': { limit: 255, describe: byDrawnId('sg', 'GroupId') },
  'AWS::EC2::VPCEndpoint': { limit: 255, describe: byDrawnId('vpce', 'Id') },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', limit: 255, describe: byName('cloudwatch', 'alarm:') },
  'AWS::CloudWatch::Dashboard': {
    property: 'DashboardName',
    limit: 255,
    describe: (name) => ({ ref: name, attributes: {} }),
  },
};

/** The address of an HTTP API on AWS. */
export const httpApiAddress = (id: string, { region }: Target): string =>
  `https://${id}.execute-api.${region}.amazonaws.com`;

/** Names, ARNs and ids as AWS forms them; a name left to CloudFormation is made of the stage and the logical id. */
export const identify = (
  logicalId: string,
  resource: Resource,
  target: Target,
  resolve: (value: unknown) => unknown,
): Identity => {
  const naming = NAMING[resource.Type];
  if (!naming)
    throw new Error(`${logicalId}: Ref and Fn::GetAtt of ${resource.Type} are not supported by the local cloud.`);
  const given = naming.property ? resolve(resource.Properties[naming.property]) : undefined;
  const name = typeof given === 'string' ? given : generatedName(logicalId, target.stage, naming.limit);
  if (name.length > naming.limit) {
    throw new Error(
      `${logicalId}: the name ${name} has ${name.length} characters; ${resource.Type} allows ${naming.limit}.`,
    );
  }
  const { partition, region, accountId } = target;
  const arn = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return { name, ...naming.describe(name, arn, target, `${target.stage}/${logicalId}`) };
};

const generatedName = (logicalId: string, stage: string, limit: number): string => {
  const name = `rapporteur-${stage}-${logicalId}`.toLowerCase();
  // A cut name keeps a digest of the whole one, so that two long names stay two.
  return name.length <= limit ? name : `${name.slice(0, limit - 9)}-${letters(name, 8)}`;
};
