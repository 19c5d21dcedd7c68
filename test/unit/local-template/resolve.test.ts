import { describe, expect, test } from '@jest/globals';

import { createResolver } from '../../../local/template/resolve.ts';
import { templateSchema } from '../../../local/template/schema.ts';

const template = {
  Parameters: {
    Owner: { Type: 'String', Default: 'university' },
    Missing: { Type: 'String' },
    FromSsm: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a' },
  },
  Mappings: { Sizes: { local: { memory: '128' } } },
  Conditions: {
    IsLocal: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    IsElsewhere: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
    Both: { 'Fn::And': [{ Condition: 'IsLocal' }, { Condition: 'IsElsewhere' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsLocal' }, { Condition: 'IsElsewhere' }] },
    Circle: { 'Fn::Not': [{ Condition: 'Circle' }] },
    Neither: 'perhaps',
  },
  Resources: {
    Archive: { Type: 'AWS::S3::Bucket' },
    Named: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': 'archive-${AWS::AccountId}' } } },
    Jobs: { Type: 'AWS::DynamoDB::Table' },
    Work: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'rapporteur-local-work' } },
    Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: 'recording' } },
    Zoom: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'rapporteur/local/zoom' } },
    Role: { Type: 'AWS::IAM::Role' },
    Api: { Type: 'AWS::ApiGatewayV2::Api' },
    Dead: { Type: 'AWS::SQS::Queue' },
    One: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'Two' } } },
    Two: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'One' } } },
    Long: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'x'.repeat(65) } },
    Nat: { Type: 'AWS::EC2::NatGateway' },
  },
};
const target = { region: 'us-east-1', accountId: '000000000000', stage: 'local', partition: 'aws' } as const;
const { resolve, condition, identity } = createResolver(templateSchema.parse(template), target);

describe('an intrinsic function', () => {
  test.each([
    ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref to a parameter', { Ref: 'Owner' }, 'university'],
    ['Ref to a bucket', { Ref: 'Archive' }, 'rapporteur-local-archive'],
    ['Ref to a bucket with a name', { Ref: 'Named' }, 'archive-000000000000'],
    ['Ref to a function', { Ref: 'Work' }, 'rapporteur-local-work'],
    ['Ref to a machine', { Ref: 'Machine' }, 'arn:aws:states:us-east-1:000000000000:stateMachine:recording'],
    [
      'Fn::GetAtt as a list',
      { 'Fn::GetAtt': ['Work', 'Arn'] },
      'arn:aws:lambda:us-east-1:000000000000:function:rapporteur-local-work',
    ],
    [
      'Fn::GetAtt as text',
      { 'Fn::GetAtt': 'Jobs.Arn' },
      'arn:aws:dynamodb:us-east-1:000000000000:table/rapporteur-local-jobs',
    ],
    ['Fn::GetAtt of a bucket', { 'Fn::GetAtt': ['Archive', 'Arn'] }, 'arn:aws:s3:::rapporteur-local-archive'],
    ['Fn::GetAtt of a role', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::000000000000:role/rapporteur-local-role'],
    [
      'Fn::GetAtt of a queue',
      { 'Fn::GetAtt': ['Dead', 'Arn'] },
      'arn:aws:sqs:us-east-1:000000000000:rapporteur-local-dead',
    ],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${Archive.Arn}/* of ${Owner} in ${AWS::Partition}' },
      'arn:aws:s3:::rapporteur-local-archive/* of university in aws',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${a}-${ b }', { a: { Ref: 'Owner' }, b: 7 }] }, 'university-7'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Archive} ${Owner}' }, '${Archive} university'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Owner' }, 3]] }, 'a-university-3'],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Work', 'Arn'] }] }] }, 'aws'],
    ['Fn::Split', { 'Fn::Split': [',', 'a,b,,c'] }, ['a', 'b', '', 'c']],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'local', 'memory'] }, '128'],
    ['Fn::Base64', { 'Fn::Base64': 'ü' }, 'w7w='],
    ['Fn::If', { 'Fn::If': ['IsLocal', 'yes', 'no'] }, 'yes'],
    ['Fn::If otherwise', { 'Fn::If': ['IsElsewhere', 'yes', { Ref: 'Owner' }] }, 'university'],
    ['AWS::NoValue in an object', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['AWS::NoValue in a list', ['x', { 'Fn::If': ['IsElsewhere', 'y', { Ref: 'AWS::NoValue' }] }], ['x']],
    ['one deep in a value', { a: [{ b: { Ref: 'Owner' } }] }, { a: [{ b: 'university' }] }],
    ['none at all', { Condition: { StringEquals: { a: 'b' } } }, { Condition: { StringEquals: { a: 'b' } } }],
  ])('is worked out: %s', (_what, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test.each([
    ['Fn::ImportValue', { 'Fn::ImportValue': 'other-stack' }, 'Fn::ImportValue is not supported by the local cloud.'],
    ['Fn::Transform', { 'Fn::Transform': {} }, 'Fn::Transform is not supported by the local cloud.'],
    ['a dangling Ref', { Ref: 'Nobody' }, 'refers to Nobody'],
    ['a dangling Sub', { 'Fn::Sub': '${Nobody.Arn}' }, 'refers to Nobody'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Jobs', 'StreamArn'] }, 'Fn::GetAtt Jobs.StreamArn'],
    ['the URL of a queue', { Ref: 'Dead' }, 'Ref Dead: that of AWS::SQS::Queue is not supported'],
    ['a type without a name here', { Ref: 'Nat' }, 'Nat: Ref and Fn::GetAtt of AWS::EC2::NatGateway are not supported'],
    ['a parameter without a value', { Ref: 'Missing' }, 'Parameter Missing has no default value.'],
    [
      'a parameter of SSM',
      { Ref: 'FromSsm' },
      'Parameter FromSsm: AWS::SSM::Parameter::Value<String> is not supported',
    ],
    ['names that go in a circle', { Ref: 'One' }, 'refers to itself in a circle at One'],
    ['a name that is too long', { Ref: 'Long' }, 'has 65 characters; AWS::Lambda::Function allows 64'],
    ['an index out of range', { 'Fn::Select': [3, ['a']] }, 'Fn::Select: there is no element 3.'],
    ['a list in a text', { 'Fn::Join': [',', [['a']]] }, 'Fn::Join needs text and got ["a"].'],
    ['text in place of a list', { 'Fn::Join': 'a' }, 'Fn::Join needs a list and got "a".'],
    ['an unknown condition', { 'Fn::If': ['Unknown', 1, 2] }, 'uses the condition Unknown'],
    [
      'a place that is not in the map',
      { 'Fn::FindInMap': ['Sizes', 'dev', 'memory'] },
      'Sizes.dev.memory is not in the template',
    ],
  ])('is refused with a sentence: %s', (_what, value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });
});

test('conditions are worked out', () => {
  expect(['IsLocal', 'IsElsewhere', 'Both', 'Either'].map(condition)).toEqual([true, false, false, true]);
  expect(() => condition('Circle')).toThrow('in a circle at condition Circle');
  expect(() => condition('Neither')).toThrow('neither true nor false');
});

test('ids that AWS would draw stay the same from run to run and differ from each other', () => {
  const again = createResolver(templateSchema.parse(template), target);
  expect(resolve({ Ref: 'Zoom' })).toEqual(
    expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:rapporteur\/local\/zoom-[0-9a-z]{6}$/),
  );
  expect(again.resolve({ Ref: 'Zoom' })).toBe(resolve({ Ref: 'Zoom' }));
  expect(resolve({ Ref: 'Api' })).toEqual(expect.stringMatching(/^[0-9a-z]{10}$/));
  expect(identity('Api').attributes['ApiEndpoint']).toBe(
    `https://${identity('Api').ref}.execute-api.us-east-1.amazonaws.com`,
  );
});

test('a name that CloudFormation would choose fits the service, however long the logical id is', () => {
  const Resources = Object.fromEntries(
    ['A', 'B'].map((end) => [`${'Archive'.repeat(12)}${end}`, { Type: 'AWS::S3::Bucket' }]),
  );
  const names = Object.keys(Resources).map(
    (id) => createResolver(templateSchema.parse({ Resources }), target).identity(id).name,
  );
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]{3,63}$/);
});
