import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, ofType, packagingMillis, resolved } from './compiled.ts';
import { allowed, type Statement } from './policies.ts';

/** As long as a stage may be: names of roles have 64 characters. */
const stage = 'stage-of-20-letters2';

const settings = { RAPPORTEUR_TRANSCRIPTION: 'transcribe', RAPPORTEUR_MAIL_FROM: 'rapporteur@university.edu' };

let off: Template;
let on: Template;
let statements: Statement[];
beforeAll(async () => {
  [off, on] = await Promise.all([compile('dev'), compile(stage, settings)]);
  statements = allowed(on, resolved(on, stage));
}, packagingMillis);

const functionsOf = (template: Template): string[] =>
  ofType(template, 'AWS::Lambda::Function').map(({ logicalId }) => logicalId.replace(/LambdaFunction$/, ''));
const rights = (key: string): string[] =>
  statements
    .filter(({ role }) => role === `${key}IamRoleLambdaExecution`)
    .flatMap(({ actions }) => actions)
    .filter((action) => !action.startsWith('logs:'))
    .sort();

describe('with speech recognition switched off', () => {
  test('nobody may ask Amazon Transcribe anything', () => {
    const actions = allowed(off, resolved(off, 'dev')).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.startsWith('transcribe:'))).toEqual([]);
  });

  test('there is no table of places, no polling and no listener', () => {
    expect(Object.keys(off.Resources)).not.toContain('LeaseTable');
    expect(functionsOf(off)).not.toEqual(expect.arrayContaining(['PollTranscriptions']));
    expect(functionsOf(off)).not.toEqual(expect.arrayContaining(['TranscriptionEnded']));
  });
});

describe('with Amazon Transcribe', () => {
  test('each function may do what its code does, and nothing else', () => {
    const rows = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
    const watching = [
      ...['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      ...['dynamodb:UpdateItem', 'states:SendTaskSuccess', 'transcribe:GetTranscriptionJob'],
    ];
    expect(rights('StartTranscription')).toEqual([
      ...['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:PutItem'],
      ...['dynamodb:Query', 'dynamodb:Query', 'dynamodb:UpdateItem', 'dynamodb:UpdateItem'],
      ...['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
      ...['transcribe:GetTranscriptionJob', 'transcribe:StartTranscriptionJob'],
    ]);
    for (const key of ['AwaitTranscription', 'TranscriptionEnded', 'PollTranscriptions'])
      expect([key, rights(key)]).toEqual([key, watching]);
    expect(rights('ReadTranscript')).toEqual(expect.arrayContaining(rows));
  });

  test('jobs of this stage alone can be asked about, and results go to its bucket alone', () => {
    for (const { actions, resources } of statements.filter(({ actions: all }) => all.includes('transcribe:GetTranscriptionJob')))
      expect([actions, resources.join()]).toEqual([actions, expect.stringMatching(new RegExp(`:transcription-job/rapporteur-${stage}\\.\\*$`))]);
    const [start, ...others] = statements.filter(({ actions }) => actions.includes('transcribe:StartTranscriptionJob'));
    expect(others).toEqual([]);
    expect(Object.keys((start?.condition as Record<string, object>)['StringEquals'] ?? {})).toEqual(['transcribe:OutputBucketName']);
    const results = statements.find(({ role, actions }) => role.startsWith('StartTranscription') && actions.includes('s3:PutObject'));
    expect(results?.resources.join()).toMatch(/\/jobs\/\*$/);
  }); // prettier-ignore

  test('ends of this stage’s jobs alone are heard of, whatever another stage is called', () => {
    const rule = ofType(on, 'AWS::Events::Rule').find(({ Properties }) =>
      JSON.stringify(Properties['EventPattern'] ?? '').includes('aws.transcribe'),
    );
    expect(resolved(on, stage)(rule?.Properties['EventPattern'])).toEqual({
      source: ['aws.transcribe'],
      'detail-type': ['Transcribe Job State Change'],
      detail: {
        TranscriptionJobStatus: ['COMPLETED', 'FAILED'],
        TranscriptionJobName: [{ prefix: `rapporteur-${stage}.` }],
      },
    });
  });

  test('an alarm tells that the listener or the polling fails', () => {
    const alarms = ofType(on, 'AWS::CloudWatch::Alarm').map(({ Properties }) =>
      JSON.stringify(resolved(on, stage)(Properties['Dimensions'])),
    );
    for (const key of ['transcriptionEnded', 'pollTranscriptions'])
      expect(alarms.filter((one) => one.includes(`rapporteur-${stage}-${key}`))).toHaveLength(1);
  });
});
