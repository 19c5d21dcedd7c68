import { describe, expect, test } from '@jest/globals';

import { readTemplate } from '../../../local/template/read-template.ts';

const target = { region: 'us-east-1', accountId: '000000000000', stage: 'local', partition: 'aws' } as const;
const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown>; Condition?: string }>;

const deploy = (resources: Resources, more: Record<string, unknown> = {}) =>
  readTemplate({ Resources: resources, ...more }, target);

const work = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'uploads', S3Key: 'serverless/rapporteur/fetchMetadata.zip' },
    FunctionName: 'rapporteur-local-fetchMetadata',
    Handler: 'functions/recording/fetch-metadata/handler.handler',
    Runtime: 'nodejs24.x',
    MemorySize: 512,
    Timeout: 60,
    Environment: {
      Variables: {
        JOBS_TABLE: { Ref: 'Jobs' },
        MINUTES: 60,
        API: { 'Fn::Sub': 'https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/r' },
      },
    },
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  },
};
const jobs = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'jobId', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'jobId', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
};
const httpApi = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'local-rapporteur', ProtocolType: 'HTTP' } };
const role = { Type: 'AWS::IAM::Role' };

describe('a deployment', () => {
  test('holds the functions with resolved environments', () => {
    const { functions } = deploy({ Work: work, Jobs: jobs, HttpApi: httpApi, Role: role });
    expect(functions).toEqual([
      {
        logicalId: 'Work',
        key: 'fetchMetadata',
        name: 'rapporteur-local-fetchMetadata',
        arn: arn('lambda', 'function:rapporteur-local-fetchMetadata'),
        handler: 'functions/recording/fetch-metadata/handler.handler',
        environment: {
          JOBS_TABLE: 'rapporteur-local-jobs',
          MINUTES: '60',
          API: expect.stringMatching(/^https:\/\/[0-9a-z]{10}\.execute-api\.us-east-1\.amazonaws\.com\/r$/),
        },
        timeoutSeconds: 60,
        memoryMb: 512,
      },
    ]);
  });

  test('leads addresses of the API that the template composes to this machine', () => {
    const { functions } = readTemplate(
      { Resources: { Work: work, Jobs: jobs, HttpApi: httpApi, Role: role } },
      { ...target, httpApiEndpoint: 'http://127.0.0.1:3000' },
    );
    expect(functions[0]?.environment['API']).toBe('http://127.0.0.1:3000/r');
  });

  test('knows what Lambda assumes where a function says nothing, and its retries and concurrency where it does', () => {
    const { FunctionName, Handler, Runtime, Code } = work.Properties;
    const bare = {
      Type: work.Type,
      Properties: { FunctionName, Handler, Runtime, Code, ReservedConcurrentExecutions: 1 },
    };
    const retries = {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Work' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
    };
    expect(deploy({ Work: bare, Retries: retries }).functions).toEqual([
      expect.objectContaining({
        timeoutSeconds: 3,
        memoryMb: 128,
        environment: {},
        reservedConcurrency: 1,
        asyncRetries: 0,
      }),
    ]);
  });

  test('holds the machines with their substitutions in place', () => {
    const text = JSON.stringify({
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: '${fn}', Arguments: '{% $states.input %}', End: true } },
    });
    const { stateMachines } = deploy({
      Work: work,
      Jobs: jobs,
      HttpApi: httpApi,
      Role: role,
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: 'rapporteur-local-recording',
          DefinitionString: { 'Fn::Sub': [text, { fn: { 'Fn::GetAtt': ['Work', 'Arn'] } }] },
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
      Other: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          Definition: { StartAt: 'B', States: { B: { Type: 'Task', Resource: '${fn}', End: true } } },
          DefinitionSubstitutions: { fn: { 'Fn::GetAtt': ['Work', 'Arn'] } },
          RoleArn: 'arn:aws:iam::000000000000:role/x',
        },
      },
    });
    const resource = arn('lambda', 'function:rapporteur-local-fetchMetadata');
    expect(stateMachines).toEqual([
      {
        logicalId: 'Machine',
        name: 'rapporteur-local-recording',
        arn: arn('states', 'stateMachine:rapporteur-local-recording'),
        definition: {
          StartAt: 'A',
          States: { A: { Type: 'Task', Resource: resource, Arguments: '{% $states.input %}', End: true } },
        },
        roleArn: 'arn:aws:iam::000000000000:role/rapporteur-local-role',
      },
      expect.objectContaining({
        name: 'rapporteur-local-other',
        definition: { StartAt: 'B', States: { B: { Type: 'Task', Resource: resource, End: true } } },
      }),
    ]);
  });

  test('holds tables as CreateTable takes them, with the attribute that ages their items', () => {
    const { BillingMode, AttributeDefinitions, KeySchema } = jobs.Properties;
    const index = { IndexName: 'byDay', KeySchema, Projection: { ProjectionType: 'ALL' } };
    const { tables } = deploy({
      Jobs: { ...jobs, Properties: { ...jobs.Properties, GlobalSecondaryIndexes: [index] } },
    });
    expect(tables).toEqual([
      {
        logicalId: 'Jobs',
        name: 'rapporteur-local-jobs',
        ttlAttribute: 'expiresAt',
        createTable: {
          TableName: 'rapporteur-local-jobs',
          BillingMode,
          AttributeDefinitions,
          KeySchema,
          GlobalSecondaryIndexes: [index],
        },
      },
    ]);
    const off = {
      ...jobs,
      Properties: { ...jobs.Properties, TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: false } },
    };
    expect(deploy({ Jobs: off }).tables[0]).not.toHaveProperty('ttlAttribute');
  });

  test('holds buckets, but not the one that deployments are uploaded to', () => {
    const Rules = [{ Id: 'abandoned', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }];
    const { buckets } = deploy({
      ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
      Plain: { Type: 'AWS::S3::Bucket' },
      Archive: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          VersioningConfiguration: { Status: 'Enabled' },
          LifecycleConfiguration: { Rules },
          BucketEncryption: {},
        },
      },
    });
    expect(buckets).toEqual([
      { logicalId: 'Plain', name: 'rapporteur-local-plain', versioning: false, lifecycle: [] },
      { logicalId: 'Archive', name: 'rapporteur-local-archive', versioning: true, lifecycle: Rules },
    ]);
  });

  test('holds secrets and queues', () => {
    const { secrets, queues } = deploy({
      Zoom: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: 'rapporteur/local/zoom', GenerateSecretString: { PasswordLength: 40 } },
      },
      Fixed: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: '{}' } },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600 } },
    });
    expect(secrets).toMatchObject([
      { logicalId: 'Zoom', name: 'rapporteur/local/zoom', generate: { PasswordLength: 40 } },
      { logicalId: 'Fixed', name: 'rapporteur-local-fixed', value: '{}' },
    ]);
    expect(queues).toEqual([
      { logicalId: 'Dead', name: 'rapporteur-local-dead', arn: arn('sqs', 'rapporteur-local-dead') },
    ]);
  });

  test('holds rules by pattern and schedules of both kinds', () => {
    const Arn = arn('lambda', 'function:x');
    const pattern = { source: ['aws.states'], detail: { stateMachineArn: [{ 'Fn::Sub': 'arn:${AWS::Partition}:x' }] } };
    const { rules, schedules } = deploy({
      Ended: {
        Type: 'AWS::Events::Rule',
        Properties: { Name: 'ended', EventPattern: pattern, Targets: [{ Arn, Id: 'a' }] },
      },
      Nightly: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 day)',
          State: 'DISABLED',
          Targets: [{ Arn, Id: 'a', Input: '{"a":1}' }],
        },
      },
      Weekly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'weekly',
          ScheduleExpression: 'cron(0 8 ? * MON *)',
          ScheduleExpressionTimezone: 'Europe/Berlin',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn, RoleArn: 'role' },
        },
      },
    });
    expect(rules).toEqual([
      {
        name: 'ended',
        pattern: { source: ['aws.states'], detail: { stateMachineArn: ['arn:aws:x'] } },
        targets: [{ arn: Arn }],
        state: 'ENABLED',
      },
    ]);
    expect(schedules).toEqual([
      {
        name: 'rapporteur-local-nightly',
        expression: 'rate(1 day)',
        timezone: 'UTC',
        targets: [{ arn: Arn, input: '{"a":1}' }],
        state: 'DISABLED',
      },
      {
        name: 'weekly',
        expression: 'cron(0 8 ? * MON *)',
        timezone: 'Europe/Berlin',
        targets: [{ arn: Arn }],
        state: 'ENABLED',
      },
    ]);
  });

  test('holds routes with the function behind each', () => {
    const Target = { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] };
    const invocation =
      'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations';
    const { routes } = deploy({
      Work: work,
      Jobs: jobs,
      HttpApi: httpApi,
      Role: role,
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::Sub': invocation },
          PayloadFormatVersion: '2.0',
          TimeoutInMillis: 10_000,
        },
      },
      Post: { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: 'POST /zoom/webhook', Target } },
      Rest: { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: '$default', Target } },
    });
    const functionArn = arn('lambda', 'function:rapporteur-local-fetchMetadata');
    expect(routes).toEqual([
      { method: 'POST', path: '/zoom/webhook', functionArn, timeoutMs: 10_000 },
      { method: '$default', path: '', functionArn, timeoutMs: 10_000 },
    ]);
  });

  test('tells the outputs, and leaves out what a condition rules out', () => {
    const { outputs, buckets } = deploy(
      { Archive: { Type: 'AWS::S3::Bucket' }, Extra: { Type: 'AWS::S3::Bucket', Condition: 'IsProduction' } },
      {
        Conditions: { IsProduction: { 'Fn::Equals': ['local', 'production'] } },
        Outputs: {
          ArchiveName: { Value: { Ref: 'Archive' } },
          ExtraName: { Value: { Ref: 'Extra' }, Condition: 'IsProduction' },
        },
      },
    );
    expect(outputs).toEqual({ ArchiveName: 'rapporteur-local-archive' });
    expect(buckets.map(({ logicalId }) => logicalId)).toEqual(['Archive']);
  });
});

describe('a template is refused with a sentence', () => {
  test.each<[string, Resources, string]>([
    [
      'when it holds a type that means nothing here',
      { Net: { Type: 'AWS::EC2::NatGateway' } },
      'Net: AWS::EC2::NatGateway is not supported by the local cloud.',
    ],
    [
      'when a bucket calls a function',
      { Archive: { Type: 'AWS::S3::Bucket', Properties: { NotificationConfiguration: {} } } },
      'Archive (AWS::S3::Bucket): NotificationConfiguration is not supported by the local cloud.',
    ],
    [
      'when a table has a stream',
      { Jobs: { ...jobs, Properties: { ...jobs.Properties, StreamSpecification: {} } } },
      'Jobs (AWS::DynamoDB::Table): StreamSpecification is not supported by the local cloud.',
    ],
    [
      'when a target changes its event',
      {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { EventPattern: {}, Targets: [{ Arn: 'a', InputTransformer: {} }] },
        },
      },
      'Rule (AWS::Events::Rule): Targets.0.InputTransformer is not supported by the local cloud.',
    ],
    [
      'when a rule has no trigger',
      { Rule: { Type: 'AWS::Events::Rule', Properties: {} } },
      'Rule: a rule needs an EventPattern or a ScheduleExpression.',
    ],
    [
      'when a machine is an express one',
      {
        M: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: { StateMachineType: 'EXPRESS', RoleArn: 'r', DefinitionString: '{}' },
        },
      },
      'StateMachineType must be STANDARD to run in the local cloud',
    ],
    [
      'when a definition is no JSON',
      { M: { Type: 'AWS::StepFunctions::StateMachine', Properties: { RoleArn: 'r', DefinitionString: '{' } } },
      'M: the definition of rapporteur-local-m is not a JSON object.',
    ],
    [
      'when a function has no handler',
      { F: { ...work, Properties: { Code: {}, Runtime: 'nodejs24.x', FunctionName: 'a-local-f' } } },
      'F (AWS::Lambda::Function): Handler',
    ],
    [
      'when a function belongs to another stage',
      {
        F: {
          ...work,
          Properties: { Code: {}, Runtime: 'nodejs24.x', Handler: 'a.b', FunctionName: 'rapporteur-dev-f' },
        },
      },
      'F: the function name rapporteur-dev-f does not hold the stage',
    ],
    [
      'when the API answers CORS itself',
      { HttpApi: { ...httpApi, Properties: { CorsConfiguration: {} } } },
      'HttpApi: CorsConfiguration is not supported',
    ],
    [
      'when a route has an authorizer',
      {
        R: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: { RouteKey: 'GET /a', Target: 'integrations/x', AuthorizationType: 'JWT' },
        },
      },
      'R: AuthorizationType must be NONE in the local cloud.',
    ],
    [
      'when a route leads nowhere',
      { R: { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: 'GET /a', Target: 'integrations/x' } } },
      'R: there is no integration x.',
    ],
  ])('%s', (_when, resources, message) => {
    expect(() => deploy(resources)).toThrow(message);
  });

  test.each([null, [], { Resources: [] }, { Resources: { A: {} } }])('when it is no template: %j', (input) => {
    expect(() => readTemplate(input, target)).toThrow('This is not a CloudFormation template');
  });
});
