import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, ofType, packagingMillis, resolved } from './compiled.ts';
import { allowed, type Statement } from './policies.ts';

let template: Template;
let statements: Statement[];
beforeAll(async () => {
  template = await compile('dev');
  statements = allowed(template, resolved(template, 'dev'));
}, packagingMillis);

/** Where a resource is not one whole ARN: what it ends in, and why no narrower one exists. */
const wide: { actions: RegExp; resource: RegExp; because: string }[] = [
  {
    actions:
      /^logs:(Create|Get|Update|Delete|List)LogDeliver(y|ies)$|^logs:(PutResourcePolic|DescribeResourcePolic)(y|ies)$|^logs:DescribeLogGroups$/,
    resource: /^\*$/,
    because: 'The delivery of a state machine’s logs has no resource level.',
  },
  {
    actions: /^logs:(CreateLogStream|CreateLogGroup|PutLogEvents)$/,
    resource: /:log-group:\/aws\/lambda\/rapporteur-dev-[A-Za-z]+:\*:\*$/,
    because: 'The streams of the function’s own log group have names that Lambda draws.',
  },
  {
    actions: /^lambda:InvokeFunction$/,
    resource: /:function:rapporteur-dev-[A-Za-z]+:\*$/,
    because: 'The versions of one function.',
  },
  {
    actions: /^s3:(GetObject|PutObject|PutObjectTagging|ListMultipartUploadParts|AbortMultipartUpload)$/,
    resource: /^arn:aws:s3:::[a-z0-9-]+\/(jobs\/)?\*$/,
    because: 'The objects of the archive; folders are named by meeting numbers.',
  },
  {
    actions: /^s3:DeleteObject$/,
    resource: /^arn:aws:s3:::[a-z0-9-]+\/\*\/insights\.json$/,
    because: 'What was found in an older transcript, in any folder; all else in the archive stays.',
  },
  {
    actions: /^states:DescribeExecution$/,
    resource: /:execution:rapporteur-dev-recording:\*$/,
    because: 'The executions of one machine, whose names hold the jobs.',
  },
  {
    actions: /^ses:SendEmail$/,
    resource: /:identity\/\*$/,
    because:
      'The sender is an address or its domain, in the sandbox the recipient counts too; a condition names the sender.',
  },
  {
    actions: /^secretsmanager:GetSecretValue$/,
    resource: /:secret:rapporteur\/dev\/zoom-\?{6}$/,
    because: 'Six characters that Secrets Manager draws.',
  },
];

describe('what is allowed', () => {
  test('each function has a role of its own, and the machine too', () => {
    const roles = [
      ...ofType(template, 'AWS::Lambda::Function'),
      ...ofType(template, 'AWS::StepFunctions::StateMachine'),
    ].map(({ Properties }) => JSON.stringify(Properties['Role'] ?? Properties['RoleArn']));
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles.join()).not.toContain('"IamRoleLambdaExecution"');
  });

  test('no action is a pattern', () => {
    expect(statements.flatMap(({ actions }) => actions).filter((action) => /[*?]/.test(action))).toEqual([]);
  });

  test('no resource is a pattern but for the listed reasons', () => {
    const found = statements.flatMap(({ role, actions, resources }) =>
      actions.flatMap((action) =>
        resources
          .filter((resource) => /[*?]/.test(resource))
          .filter((resource) => !wide.some((one) => one.actions.test(action) && one.resource.test(resource)))
          .map((resource) => `${role}: ${action} on ${resource}`),
      ),
    );
    expect(found).toEqual([]);
  });

  test('every listed reason is still needed', () => {
    const idle = wide.filter(
      (one) =>
        !statements.some(
          ({ actions, resources }) =>
            actions.some((action) => one.actions.test(action)) &&
            resources.some((resource) => one.resource.test(resource)),
        ),
    );
    expect(idle).toEqual([]);
  });

  test('no role holds a managed policy', () => {
    for (const { logicalId, Properties } of ofType(template, 'AWS::IAM::Role'))
      expect([logicalId, Properties['ManagedPolicyArns'] ?? []]).toEqual([logicalId, []]);
  });

  test('mail can be sent from the configured address alone', () => {
    const mailing = statements.filter(({ actions }) => actions.includes('ses:SendEmail'));
    expect(mailing.map(({ role }) => role)).toEqual([
      'SendSummaryIamRoleLambdaExecution',
      'SendNoticeIamRoleLambdaExecution',
    ]);
    for (const { condition } of mailing)
      expect(condition).toEqual({ StringEquals: { 'ses:FromAddress': 'rapporteur@example.com' } });
  });

  test('each function may do what its code does, and nothing else', () => {
    const rights = (key: string): string[] =>
      statements
        .filter(({ role }) => role === `${key.charAt(0).toUpperCase()}${key.slice(1)}IamRoleLambdaExecution`)
        .flatMap(({ actions }) => actions)
        .filter((action) => !action.startsWith('logs:'))
        .sort();
    const jobs = ['dynamodb:GetItem', 'dynamodb:UpdateItem'];
    const jobsAndFiles = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
    const secrets = 'secretsmanager:GetSecretValue';
    expect(rights('zoomWebhook')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      secrets,
      'states:StartExecution',
    ]);
    expect(rights('recordingPage')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
      secrets,
    ]);
    expect(rights('consoleAsset')).toEqual([]);
    expect(rights('fetchMetadata')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      secrets,
    ]);
    expect(rights('planDownload')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:AbortMultipartUpload',
      's3:PutObject',
      's3:PutObjectTagging',
      secrets,
    ]);
    const parts = ['s3:GetObject', 's3:ListBucket', 's3:ListMultipartUploadParts', 's3:PutObject'];
    const tags = 's3:PutObjectTagging';
    expect(rights('downloadPart')).toEqual([...jobsAndFiles, 's3:AbortMultipartUpload', ...parts, tags, secrets]);
    expect(rights('finishFile')).toEqual([...jobs, 's3:AbortMultipartUpload', ...parts]);
    expect(rights('planMerge')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:GetObject',
      's3:ListBucket',
    ]);
    expect(rights('launchMediaTask')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    expect(rights('mergeMedia')).toEqual([
      ...jobsAndFiles,
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      tags,
    ]);
    expect(rights('readTranscript')).toEqual([
      ...jobsAndFiles,
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      tags,
    ]);
    // Switched off: no right at any provider, and no place to hold.
    expect(rights('startTranscription')).toEqual(jobsAndFiles);
    expect(rights('awaitTranscription')).toEqual([...jobs, 'states:SendTaskSuccess']);
    expect(rights('findInsights')).toEqual([...jobs, 's3:GetObject', 's3:ListBucket', 's3:PutObject', tags]);
    // Its own mails it writes to the job table; who gets none it reads in the mail table.
    expect(rights('sendSummary')).toEqual([
      'dynamodb:GetItem',
      ...jobsAndFiles,
      's3:GetObject',
      's3:ListBucket',
      secrets,
      'ses:SendEmail',
    ]);
    expect(rights('closeJob')).toEqual(jobsAndFiles);
    expect(rights('executionEnded')).toEqual([...jobs, 'sqs:SendMessage', 'states:StartExecution']);
    // The open route can do no more than stop and resume mails, and never sees a job.
    expect(rights('unsubscribe')).toEqual(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', secrets]);
    expect(rights('mailEvent')).toEqual(['dynamodb:PutItem', 'dynamodb:UpdateItem', secrets, 'sqs:SendMessage']);
    expect(rights('sendNotice')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      secrets,
      'ses:SendEmail',
      'sqs:SendMessage',
    ]);
    expect(rights('sweep')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:AbortMultipartUpload',
      's3:ListBucketMultipartUploads',
      'states:DescribeExecution',
      'states:ListExecutions',
      'states:StartExecution',
    ]);
  });

  test('whoever reads an object that may be absent may list the bucket, since S3 answers 403 otherwise', () => {
    const readers = statements.filter(({ actions }) => actions.includes('s3:GetObject')).map(({ role }) => role);
    const listers = statements.filter(({ actions }) => actions.includes('s3:ListBucket'));
    expect(listers.map(({ role }) => role).sort()).toEqual([...new Set(readers)].sort());
    for (const { resources } of listers) expect(resources.join()).toMatch(/^arn:aws:s3:::[a-z0-9-]+$/);
  });

  test('only services of AWS may take a role or call a function, each for what is theirs', () => {
    for (const { logicalId, Properties } of ofType(template, 'AWS::IAM::Role'))
      expect([logicalId, JSON.stringify(Properties['AssumeRolePolicyDocument'])]).toEqual([
        logicalId,
        expect.stringMatching(
          /"Service":(\["lambda\.amazonaws\.com"\]|\{"Fn::Sub":"states\.\$\{AWS::Region\}\.amazonaws\.com"\})/,
        ),
      ]);
    for (const { logicalId, Properties } of ofType(template, 'AWS::Lambda::Permission'))
      expect([logicalId, Properties]).toEqual([
        logicalId,
        expect.objectContaining({
          Principal: expect.stringMatching(/^(apigateway|events)\.amazonaws\.com$/),
          SourceArn: expect.anything(),
        }),
      ]);
  });
});
