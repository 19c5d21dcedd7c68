import { describe, expect, test } from '@jest/globals';
import { readTemplate } from '../../../local/template/read-template.ts';

const read = (Resources: object) =>
  readTemplate({ Resources }, { region: 'us-east-1', accountId: '000000000000', stage: 'local', partition: 'aws' });

const task = (properties: object = {}, container: object = {}) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: {
    Family: 'media',
    Cpu: '2048',
    Memory: '8192',
    NetworkMode: 'awsvpc',
    RequiresCompatibilities: ['FARGATE'],
    ContainerDefinitions: [{ Name: 'media', Image: 'registry/media:1', ...container }],
    ...properties,
  },
});

describe('containers in a template', () => {
  test('clusters and task definitions are read with all that a run needs', () => {
    const found = read({
      Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'rapporteur', CapacityProviders: ['FARGATE'] } },
      Task: task(
        { EphemeralStorage: { SizeInGiB: '50' } },
        {
          Environment: [{ Name: 'CLUSTER', Value: { 'Fn::GetAtt': ['Cluster', 'Arn'] } }],
          Secrets: [{ Name: 'KEY', ValueFrom: 'arn:secret' }],
          StopTimeout: 120,
        },
      ),
    });
    expect(found.clusters).toEqual([
      {
        name: 'rapporteur',
        arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/rapporteur',
        capacityProviders: ['FARGATE'],
      },
    ]);
    expect(found.taskDefinitions[0]).toMatchObject({
      family: 'media',
      arn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/media:1',
      ephemeralStorageGiB: 50,
      containers: [
        {
          name: 'media',
          image: 'registry/media:1',
          essential: true,
          environment: { CLUSTER: 'arn:aws:ecs:us-east-1:000000000000:cluster/rapporteur' },
          secrets: { KEY: 'arn:secret' },
          stopTimeout: 120,
        },
      ],
    });
  });

  test('subnets and security groups have ids as EC2 draws them, the same each time', () => {
    const resources = {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      One: {
        Type: 'AWS::EC2::Subnet',
        Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } },
      },
      Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: { Ref: 'Vpc' } } },
    };
    const { network } = read(resources);
    expect(network.subnets).toEqual([expect.stringMatching(/^subnet-0[0-9a-f]{16}$/)]);
    expect(network.securityGroups).toEqual([expect.stringMatching(/^sg-0[0-9a-f]{16}$/)]);
    expect(read(resources).network).toEqual(network);
  });

  test.each<[string, object, RegExp]>([
    ['a task that is not for Fargate', task({ RequiresCompatibilities: ['EC2'] }), /FARGATE/],
    ['a network mode of EC2', task({ NetworkMode: 'bridge' }), /awsvpc/],
    ['a property that has no meaning here', task({}, { Privileged: true }), /Privileged is not supported/],
    ['a grace longer than Fargate gives', task({}, { StopTimeout: 121 }), /StopTimeout/],
    ['a service of ECS', { Type: 'AWS::ECS::Service', Properties: {} }, /AWS::ECS::Service is not supported/],
    ['a NAT gateway', { Type: 'AWS::EC2::NatGateway', Properties: {} }, /AWS::EC2::NatGateway is not supported/],
  ])('%s is refused by name', (_what, resource, message) => {
    expect(() => read({ Thing: resource })).toThrow(message);
  });
});
