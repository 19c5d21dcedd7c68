import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, deployed, everySwitch, ofType, packagingMillis, resolved } from './compiled.ts';
import { allowed, type Statement } from './policies.ts';

let off: Template;
let on: Template;
let statements: Statement[];
beforeAll(async () => {
  [off, on] = await Promise.all([compile('dev'), compile('dev', everySwitch)]);
  statements = allowed(on, resolved(on, 'dev'));
}, packagingMillis);

const types = (template: Template): string[] => Object.values(template.Resources).map(({ Type }) => Type);
const one = (type: string): Record<string, unknown> => {
  const [found, ...others] = ofType(on, type);
  expect(others).toEqual([]);
  return resolved(on, 'dev')(found?.Properties) as Record<string, unknown>;
};

describe('with the media task switched off', () => {
  test('there is no network, no cluster, no registry and nothing that could cost money while idle', () => {
    expect(types(off).filter((type) => /^AWS::(EC2|ECS|ECR)::/.test(type))).toEqual([]);
  });

  test('no function may start or stop a task', () => {
    const actions = allowed(off, resolved(off, 'dev')).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => /^(ecs|ecr|iam):/.test(action))).toEqual([]);
  });
});

describe('with the media task switched on', () => {
  test('there is no NAT and no address of its own: nothing costs while no task runs', () => {
    const given = types(on).filter((type) => /^AWS::(EC2|ECS|ECR)::/.test(type));
    expect(given).toEqual(expect.arrayContaining(['AWS::EC2::VPC', 'AWS::ECS::Cluster', 'AWS::ECR::Repository']));
    expect(given.filter((type) => /Nat|EIP|Service$|Instance|LoadBalancer/.test(type))).toEqual([]);
    for (const { Properties } of ofType(on, 'AWS::EC2::VPCEndpoint'))
      expect(Properties['VpcEndpointType']).toBe('Gateway');
  });

  test('S3 and DynamoDB are reached without the internet', () => {
    const services = ofType(on, 'AWS::EC2::VPCEndpoint').map(
      ({ Properties }) => resolved(on, 'dev')(Properties['ServiceName']) as string,
    );
    expect(services.map((name) => name.split('.').at(-1)).sort()).toEqual(['dynamodb', 's3']);
  });

  test('nobody is let in, and the way out is HTTPS alone', () => {
    const group = one('AWS::EC2::SecurityGroup');
    expect(group['SecurityGroupIngress']).toBeUndefined();
    expect(group['SecurityGroupEgress']).toEqual([expect.objectContaining({ FromPort: 443, ToPort: 443 })]);
    expect(ofType(on, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  test('the task is an arm64 one with two processors, 8 GB, its disk, an init and all the grace there is', () => {
    const task = one('AWS::ECS::TaskDefinition');
    expect(task).toMatchObject({
      Cpu: '2048',
      Memory: '8192',
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
      EphemeralStorage: { SizeInGiB: expect.anything() },
    });
    const [container] = task['ContainerDefinitions'] as Record<string, unknown>[];
    expect(container).toMatchObject({
      Image: expect.stringMatching(/\/rapporteur-dev-media:media-1$/),
      StopTimeout: 120,
      LinuxParameters: { InitProcessEnabled: true },
    });
  });

  test('no secret and no token is in its environment, which everybody with a console can read', () => {
    const { containers = [] } = deployed(on, 'dev').taskDefinitions[0] ?? {};
    const names = Object.keys(containers[0]?.environment ?? {}).sort();
    expect(names).toEqual([
      'ARCHIVE_BUCKET',
      'BEAT_SECONDS',
      'FFMPEG_PATH',
      'JOB_TABLE',
      'SEALING_SECRET',
      'TRUSTED_ORIGINS',
      'ZOOM_API_URL',
      'ZOOM_OAUTH_URL',
      'ZOOM_SECRET',
    ]);
    expect(containers[0]?.environment['TRUSTED_ORIGINS']).toBe('');
  });

  test('it beats three times in the silence that the machine bears', () => {
    const [machine] = deployed(on, 'dev').stateMachines;
    const { LaunchMediaTask } = machine?.definition['States'] as Record<string, { HeartbeatSeconds: number }>;
    const beat = deployed(on, 'dev').taskDefinitions[0]?.containers[0]?.environment['BEAT_SECONDS'];
    expect(LaunchMediaTask?.HeartbeatSeconds).toBeGreaterThanOrEqual(3 * Number(beat));
  });

  test('its log is kept as long as all others', () => {
    const log = on.Resources['MediaTaskLogs'];
    expect(log?.Properties['RetentionInDays']).toEqual(expect.anything());
  });

  test('only the roles of the task are passed, to ECS alone, and by the launcher alone', () => {
    const passing = statements.filter(({ actions }) => actions.includes('iam:PassRole'));
    expect(passing).toHaveLength(1);
    expect(passing[0]).toMatchObject({
      role: 'LaunchMediaTaskIamRoleLambdaExecution',
      condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
    const roles = ['MediaTaskRole', 'MediaExecutionRole'].map((id) =>
      resolved(on, 'dev')({ 'Fn::GetAtt': [id, 'Arn'] }),
    );
    expect([...(passing[0]?.resources ?? [])].sort()).toEqual(roles.sort());
  });

  test('a resource is a pattern only where ECS and the registry know no narrower one', () => {
    const wide = statements.flatMap(({ role, actions, resources, condition }) =>
      actions
        .filter((action) => /^(ecs|ecr|iam):/.test(action))
        .flatMap((action) =>
          resources.filter((resource) => /[*?]/.test(resource)).map(() => ({ role, action, condition })),
        ),
    );
    expect([...new Set(wide.map(({ action }) => action))].sort()).toEqual([
      'ecr:GetAuthorizationToken',
      'ecs:DescribeTasks',
      'ecs:ListTasks',
      'ecs:StopTask',
    ]);
    for (const { action, condition } of wide.filter((statement) => statement.action.startsWith('ecs:')))
      expect([action, condition]).toEqual([
        action,
        { ArnEquals: { 'ecs:cluster': expect.stringMatching(/:cluster\/rapporteur-dev$/) } },
      ]);
  });

  test('the code in the container may do what the functions may whose work it does, and answer the machine', () => {
    const rights = statements.filter(({ role }) => role === 'MediaTaskRole').flatMap(({ actions }) => actions);
    expect([...new Set(rights)].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:ListBucket',
      's3:ListMultipartUploadParts',
      's3:PutObject',
      's3:PutObjectTagging',
      'secretsmanager:GetSecretValue',
      'states:SendTaskFailure',
      'states:SendTaskHeartbeat',
      'states:SendTaskSuccess',
    ]);
  });

  test('only ECS may take the roles of the task', () => {
    for (const id of ['MediaTaskRole', 'MediaExecutionRole'])
      expect(JSON.stringify(on.Resources[id]?.Properties['AssumeRolePolicyDocument'])).toContain(
        '"Service":["ecs-tasks.amazonaws.com"]',
      );
  });
});
