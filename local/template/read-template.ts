import * as z from 'zod';

import type { Deployment } from './deployment.ts';
import { httpApiAddress } from './identity.ts';
import {
  readAsyncRetries,
  readBucket,
  readFunction,
  readRule,
  readSchedule,
  readSecret,
  readStateMachine,
  readTable,
} from './read-resources.ts';
import type { Resolved } from './read-resources.ts';
import { readCluster, readTaskDefinition } from './read-containers.ts';
import { readConfigurationSets } from './read-mail.ts';
import { readRoute } from './read-routes.ts';
import { createResolver } from './resolve.ts';
import { templateSchema } from './schema.ts';
import type { Target } from './schema.ts';

/** Types that are resolved and read below. */
const READ = new Set([
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::DynamoDB::Table',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet',
  'AWS::ECS::Cluster',
  'AWS::ECS::TaskDefinition',
  'AWS::Events::Rule',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
]);

/** Types without a meaning on this machine: permissions, watching, and what only shapes the deployment. */
const IGNORED = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ECR::Repository',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SecretsManager::ResourcePolicy',
]);

/** The bucket that `serverless deploy` uploads to; nothing in the product uses it. */
const DEPLOYMENT_BUCKET = 'ServerlessDeploymentBucket';

/** Reads the compiled CloudFormation template: what would be created, under the names it has on this machine. */
export const readTemplate = (input: unknown, target: Target): Deployment => {
  const parsed = templateSchema.safeParse(input);
  if (!parsed.success) throw new Error(`This is not a CloudFormation template: ${z.prettifyError(parsed.error)}`);
  const template = parsed.data;
  const resolver = createResolver(template, target);
  const present = Object.entries(template.Resources).filter(
    ([logicalId, { Condition }]) =>
      logicalId !== DEPLOYMENT_BUCKET && (Condition === undefined || resolver.condition(Condition)),
  );

  const api = present.find(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Api');
  if (api?.[1].Properties['CorsConfiguration'])
    throw new Error(`${api[0]}: CorsConfiguration is not supported by the local cloud; answer OPTIONS in a route.`);
  const onAws = api ? httpApiAddress(resolver.identity(api[0]).ref ?? '', target) : undefined;
  /** Addresses of the API that the template composes itself, for example in a function's environment, lead to this machine. */
  const localised = (value: unknown): unknown => {
    const { httpApiEndpoint } = target;
    if (onAws === undefined || httpApiEndpoint === undefined) return value;
    return mapText(value, (text) => text.replaceAll(onAws, httpApiEndpoint));
  };

  const byType = new Map<string, Resolved[]>();
  for (const [logicalId, resource] of present) {
    if (IGNORED.has(resource.Type)) continue;
    if (!READ.has(resource.Type))
      throw new Error(`${logicalId}: ${resource.Type} is not supported by the local cloud.`);
    const resolved: Resolved = {
      logicalId,
      type: resource.Type,
      identity: NAMELESS.has(resource.Type)
        ? { name: logicalId, ref: undefined, attributes: {} }
        : resolver.identity(logicalId),
      properties: localised(resolver.resolve(resource.Properties)) as Record<string, unknown>,
    };
    byType.set(resource.Type, [...(byType.get(resource.Type) ?? []), resolved]);
  }
  const all = (type: string): Resolved[] => byType.get(type) ?? [];

  const asyncRetries = new Map(all('AWS::Lambda::EventInvokeConfig').map(readAsyncRetries));
  const integrations = new Map(
    all('AWS::ApiGatewayV2::Integration').map(({ identity, properties }) => [identity.name, properties]),
  );
  const rules = all('AWS::Events::Rule').map(readRule);
  return {
    functions: all('AWS::Lambda::Function').map((fn) =>
      readFunction(fn, target.stage, asyncRetries.get(fn.identity.name)),
    ),
    stateMachines: all('AWS::StepFunctions::StateMachine').map(readStateMachine),
    tables: all('AWS::DynamoDB::Table').map(readTable),
    buckets: all('AWS::S3::Bucket').map(readBucket),
    secrets: all('AWS::SecretsManager::Secret').map(readSecret),
    rules: rules.flatMap(({ rule }) => rule ?? []),
    schedules: [
      ...rules.flatMap(({ schedule }) => schedule ?? []),
      ...all('AWS::Scheduler::Schedule').map(readSchedule),
    ],
    queues: all('AWS::SQS::Queue').map(({ logicalId, identity }) => ({
      logicalId,
      name: identity.name,
      arn: identity.attributes['Arn'] ?? '',
    })),
    routes: all('AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) =>
      readRoute(logicalId, properties, integrations),
    ),
    clusters: all('AWS::ECS::Cluster').map(readCluster),
    taskDefinitions: all('AWS::ECS::TaskDefinition').map(readTaskDefinition),
    network: {
      subnets: all('AWS::EC2::Subnet').flatMap(({ identity }) => identity.ref ?? []),
      securityGroups: all('AWS::EC2::SecurityGroup').flatMap(({ identity }) => identity.ref ?? []),
    },
    configurationSets: readConfigurationSets(
      all('AWS::SES::ConfigurationSet'),
      all('AWS::SES::ConfigurationSetEventDestination'),
    ),
    outputs: Object.fromEntries(
      Object.entries(template.Outputs)
        .filter(
          ([, { Condition, Value }]) =>
            !refersTo(Value, DEPLOYMENT_BUCKET) && (Condition === undefined || resolver.condition(Condition)),
        )
        .map(([name, { Value }]) => [name, String(localised(resolver.resolve(Value)))]),
    ),
  };
};

/** Types that nothing refers to, so that they need no name of their own. */
const NAMELESS = new Set([
  'AWS::ApiGatewayV2::Route',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::SES::ConfigurationSetEventDestination',
]);

const refersTo = (value: unknown, logicalId: string): boolean =>
  JSON.stringify(value) === JSON.stringify({ Ref: logicalId });

const mapText = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((element) => mapText(element, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change)]));
};
