import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, ofType, packagingMillis } from './compiled.ts';
import { circleIn, danglingIn, needsOf } from './references.ts';
import { complaintsAbout, unknownAttributesIn } from './schemas.ts';

let template: Template;
beforeAll(async () => {
  template = await compile('dev');
}, packagingMillis);

/** A copy with faults in it, to see that the checks see. */
const spoilt = (change: (copy: Record<string, Record<string, unknown>>) => void): Template => {
  const copy = structuredClone(template);
  change(copy.Resources);
  return copy;
};

describe('the template', () => {
  test('fits the schemas that CloudFormation publishes for its resources', () => {
    expect(Object.entries(template.Resources).flatMap(([id, one]) => complaintsAbout(id, one))).toEqual([]);
  });

  test('refers to nothing that is not there', () => {
    expect(danglingIn(template)).toEqual([]);
    expect(unknownAttributesIn(template)).toEqual([]);
  });

  test('holds no circle of resources that wait for each other', () => {
    expect(circleIn(needsOf(template))).toBeUndefined();
  });

  test('stays well below the 500 resources and the size that CloudFormation takes', () => {
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(450);
    expect(Object.keys(template.Outputs).length).toBeLessThanOrEqual(60);
    expect(JSON.stringify(template, undefined, 2).length).toBeLessThan(1_000_000);
  });

  test('describes every output in a sentence', () => {
    for (const [name, output] of Object.entries(template.Outputs)) {
      if (name === 'ServerlessDeploymentBucketName') continue;
      expect([name, output['Description']]).toEqual([name, expect.stringMatching(/^.{10,}$/)]);
    }
    const names = ['WebhookUrl', 'RecordingMachineArn', 'RecordingMachineConsole', 'ArchiveBucketName', 'JobTableName'];
    expect(Object.keys(template.Outputs)).toEqual(
      expect.arrayContaining([...names, 'AlarmTopicArn', 'DashboardConsole']),
    );
  });

  test('publishes no version of a function with each deploy', () => {
    expect(ofType(template, 'AWS::Lambda::Version')).toEqual([]);
  });
});

describe('the checks of the template find', () => {
  test.each<[string, (copy: Record<string, Record<string, unknown>>) => void, RegExp]>([
    ['a type that does not exist', (all) => (all['X'] = { Type: 'AWS::S3::Bukket', Properties: {} }), /no type/],
    [
      'an unknown property deep inside',
      (all) =>
        Object.assign(all['ArchiveBucket']?.['Properties'] as object, { VersioningConfiguration: { State: 'x' } }),
      /VersioningConfiguration.*(unknown|missing)/,
    ],
    ['a missing property', (all) => (all['X'] = { Type: 'AWS::SNS::Subscription', Properties: {} }), /is missing/],
    [
      'text where a number belongs',
      (all) => Object.assign(all['RecordingFailedAlarm']?.['Properties'] as object, { Period: 'five minutes' }),
      /Period must be/,
    ],
  ])('%s', (_what, change, complaint) => {
    const all = Object.entries(spoilt(change).Resources).flatMap(([id, one]) => complaintsAbout(id, one));
    expect(all).toEqual(expect.arrayContaining([expect.stringMatching(complaint)]));
  });

  test('a reference to nothing, to an unknown attribute, and to what may be absent', () => {
    const copy = spoilt((all) => {
      all['A'] = {
        Type: 'AWS::SNS::Topic',
        Properties: { DisplayName: { 'Fn::Sub': '${Nobody} ${JobTable.Colour}' } },
      };
      all['B'] = { Type: 'AWS::SNS::Topic', Properties: {}, DependsOn: ['Nowhere'] };
      all['C'] = { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'SilenceAlarm' } } };
    });
    expect(danglingIn(copy)).toEqual([
      'A refers to Nobody, which does not exist',
      'B refers to Nowhere, which does not exist',
      'C refers to SilenceAlarm, which exists only if WatchesSilence',
    ]);
    expect(unknownAttributesIn(copy)).toEqual(['A: AWS::DynamoDB::Table has no attribute Colour']);
  });

  test('a circle', () => {
    const copy = spoilt((all) => {
      all['JobTable'] = { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'RecordingMachine' } } };
    });
    expect(circleIn(needsOf(copy))).toEqual(expect.arrayContaining(['JobTable', 'RecordingMachine']));
  });
});
