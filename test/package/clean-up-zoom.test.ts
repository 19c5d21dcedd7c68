import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, deployed, everySwitch, ofType, packagingMillis, resolved } from './compiled.ts';
import { allowed } from './policies.ts';

let off: Template;
let on: Template;
beforeAll(async () => {
  [off, on] = await Promise.all([compile('dev'), compile('dev', everySwitch)]);
}, packagingMillis);

const rightsOf = (template: Template, key: string) =>
  allowed(template, resolved(template, 'dev')).filter(({ role }) => role === `${key}IamRoleLambdaExecution`);
const closing = (template: Template) =>
  deployed(template, 'dev').functions.find(({ key }) => key === 'closeJob')?.environment['CLEAN_UP_AFTER_DAYS'];

describe('with CleanUpZoom switched off', () => {
  test('there is no function, no rule and no role for it, and no alarm comes to be', () => {
    const about = Object.entries(off.Resources).filter(([id]) => id.includes('CleanUpZoom'));
    expect(about.map(([id, { Condition }]) => [id, Condition])).toEqual([['CleanUpZoomFailedAlarm', 'CleansUpZoom']]);
    expect(resolved(off, 'dev')(off.Conditions)).toMatchObject({ CleansUpZoom: false });
    expect(deployed(off, 'dev').schedules.map(({ name }) => name)).toEqual(['rapporteur-dev-sweep']);
  });

  test('nothing becomes due when a job is closed, and closing may not write it', () => {
    expect(closing(off)).toBe('');
    expect(rightsOf(off, 'CloseJob').flatMap(({ actions }) => actions)).not.toContain('dynamodb:PutItem');
  });
});

describe('with CleanUpZoom switched on', () => {
  test('it comes every hour, one run at a time, and is not repeated', () => {
    const found = deployed(on, 'dev');
    expect(found.schedules).toContainEqual(
      expect.objectContaining({ name: 'rapporteur-dev-clean-up-zoom', expression: 'rate(1 hour)', state: 'ENABLED' }),
    );
    expect(found.functions.find(({ key }) => key === 'cleanUpZoom')).toMatchObject({
      ...{ reservedConcurrency: 1, asyncRetries: 0, timeoutSeconds: 890 },
    });
  });

  test('it may read the archive and write nothing there', () => {
    const rights = rightsOf(on, 'CleanUpZoom').flatMap(({ actions }) => actions);
    expect(rights.filter((action) => !action.startsWith('logs:')).sort()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:GetObject',
      's3:ListBucket',
      'secretsmanager:GetSecretValue',
    ]);
  });

  test('closing a job notes what is due, after the days of the stage', () => {
    expect(closing(on)).toBe('30');
    expect(rightsOf(on, 'CloseJob').flatMap(({ actions }) => actions)).toContain('dynamodb:PutItem');
  });

  test('an alarm by the name of the function comes along', () => {
    const [alarm] = ofType(on, 'AWS::CloudWatch::Alarm').filter(
      ({ logicalId }) => logicalId === 'CleanUpZoomFailedAlarm',
    );
    const name = deployed(on, 'dev').functions.find(({ key }) => key === 'cleanUpZoom')?.name;
    expect(alarm?.Properties['Dimensions']).toEqual([{ Name: 'FunctionName', Value: name }]);
  });
});
