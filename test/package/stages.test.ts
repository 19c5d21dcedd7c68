import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventPattern } from '../../local/events/pattern.ts';
import type { Template } from '../../local/template/schema.ts';
import { compile, deployed, ofType, packagingMillis, region, resolved } from './compiled.ts';
import { allowed } from './policies.ts';
import { fieldsOfEvent } from './schemas.ts';

/** The longest name a stage may have, set as a deployed stage would be. */
const long = 'stage-of-20-letters2';
const settings = {
  AWS_REGION: region,
  RAPPORTEUR_MAIL_FROM: 'rapporteur@university.edu',
  RAPPORTEUR_SMTP_SECRET: 'rapporteur/smtp',
  RAPPORTEUR_ALARM_MAIL: 'it@university.edu',
  RAPPORTEUR_SILENCE_HOURS: '26',
  RAPPORTEUR_CLEAN_UP_ZOOM: 'trash',
  RAPPORTEUR_DATA_AT_REMOVE: 'Delete',
  RAPPORTEUR_LOG_RETENTION_DAYS: '30',
};

let dev: Template;
let other: Template;
beforeAll(async () => {
  [dev, other] = await Promise.all([compile('dev'), compile(long, settings)]);
}, packagingMillis);
const both = (): [stage: string, template: Template][] => [
  ['dev', dev],
  [long, other],
];

/** The property that names a resource, and the longest name there. */
const named: Record<string, [property: string, longest: number]> = {
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::Events::Rule': ['Name', 64],
  'AWS::StepFunctions::StateMachine': ['StateMachineName', 80],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
  'AWS::ApiGatewayV2::Api': ['Name', 128],
  'AWS::SES::ConfigurationSet': ['Name', 64],
};
const nameProperties = /^(Name|.*(Function|Role|Rule|Machine|Group|Bucket|Table|Queue|Topic|Alarm|Dashboard)Name)$/;

const namesOf = ([stage, template]: [string, Template]): string[] =>
  Object.entries(template.Resources).flatMap(([, { Type, Properties }]) => {
    const [property] = named[Type] ?? [];
    const given = property && Properties[property];
    return given ? [`${Type} ${String(resolved(template, stage)(given))}`] : [];
  });

const sourceOf = (pattern: Readonly<Record<string, unknown>>): unknown => (pattern['source'] as unknown[])[0];

describe('two stages in one account', () => {
  test('share no name', () => {
    const [ours, theirs] = both().map(namesOf) as [string[], string[]];
    expect(ours.length).toBeGreaterThan(20);
    // Theirs has switched CleanUpZoom on: a function, its role, its logs and its rule.
    expect(theirs).toHaveLength(ours.length + 4);
    expect(new Set([...ours, ...theirs]).size).toBe(ours.length + theirs.length);
  });

  test('leave the names of everything else to CloudFormation', () => {
    for (const [, template] of both())
      for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
        const own = Object.keys(Properties).filter((property) => nameProperties.test(property));
        // Not a name of the resource itself but of the function, or the logs, that it is about; and the one stage of an
        // HTTP API.
        const about =
          /^AWS::(Lambda::(Permission|EventInvokeConfig)|CloudWatch::Alarm|Logs::MetricFilter|ApiGatewayV2::Stage)$/.test(
            Type,
          );
        const usual = named[Type]?.[0];
        if (!about) expect([logicalId, own.filter((property) => property !== usual)]).toEqual([logicalId, []]);
        if (Type === 'AWS::CloudWatch::Alarm') expect(Properties['AlarmName']).toBeUndefined();
      }
  });

  test('see only the events of their own machine', () => {
    for (const [stage, template] of both()) {
      const { rules, stateMachines } = deployed(template, stage);
      expect(rules.length).toBeGreaterThan(0);
      for (const { pattern } of rules) {
        const seen = [
          ...stateMachines,
          ...deployed(stage === 'dev' ? other : dev, stage === 'dev' ? long : 'dev').stateMachines,
        ]
          .filter(({ arn }) => eventPattern(pattern)(ended(arn, 'FAILED')))
          .map(({ name }) => name);
        expect(seen).toEqual(sourceOf(pattern) === 'aws.states' ? [`rapporteur-${stage}-recording`] : []);
      }
    }
  });

  test('hear of their own mails alone, by the name of their configuration set', () => {
    for (const [stage, template] of both()) {
      const [set] = ofType(template, 'AWS::SES::ConfigurationSet');
      const name = set && resolved(template, stage)(set.Properties['Name']);
      const rules = deployed(template, stage).rules.filter(({ pattern }) => sourceOf(pattern) === 'aws.ses');
      expect(rules.map(({ pattern }) => pattern['detail'])).toEqual([
        { mail: { tags: { 'ses:configuration-set': [name] } } },
      ]);
    }
  });

  test('hear of failures, and not of what goes well', () => {
    const [rule] = deployed(dev, 'dev').rules;
    const arn = deployed(dev, 'dev').stateMachines[0]?.arn ?? '';
    const heard = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'].filter((status) =>
      eventPattern(rule?.pattern ?? {})(ended(arn, status)),
    );
    expect(heard).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
  });

  test('listen to events that AWS publishes, by fields that these have', () => {
    // AWS's own list has no fields of mails.
    const listed = deployed(dev, 'dev').rules.filter(({ pattern }) => sourceOf(pattern) !== 'aws.ses');
    expect(listed.length).toBeGreaterThan(0);
    for (const { pattern } of listed) {
      const { source, 'detail-type': type, detail } = pattern as Record<string, string[]> & { detail: object };
      const fields = fieldsOfEvent(source?.[0] ?? '', type?.[0] ?? '');
      expect(fields).toEqual(expect.arrayContaining(['executionArn', 'name', ...Object.keys(detail)]));
    }
    expect(fieldsOfEvent('aws.states', 'Execution Changed')).toEqual([]);
  });

  test('may touch nothing of each other', () => {
    for (const [stage, template] of both()) {
      const stranger = stage === 'dev' ? new RegExp(long) : /rapporteur[-/]dev\b/;
      const foreign = allowed(template, resolved(template, stage)).flatMap(({ role, resources }) =>
        resources.filter((resource) => stranger.test(resource)).map((resource) => `${role}: ${resource}`),
      );
      expect(foreign).toEqual([]);
    }
  });

  test('trust no origin of their own', () => {
    for (const [, template] of both()) {
      const origins = ofType(template, 'AWS::Lambda::Function').flatMap(({ Properties }) => {
        const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
        return 'TRUSTED_ORIGINS' in Variables ? [Variables['TRUSTED_ORIGINS']] : [];
      });
      expect(origins.length).toBeGreaterThan(0);
      expect(new Set(origins)).toEqual(new Set(['']));
    }
    expect(readFileSync('serverless.yml', 'utf8')).not.toMatch(/trustedOrigins/);
  });
});

describe('lengths', () => {
  test('of names fit, in the stage with the longest name and the region with the longest name', () => {
    const tooLong = namesOf([long, other]).filter((text) => {
      const [type = '', ...name] = text.split(' ');
      return name.join(' ').length > (named[type]?.[1] ?? 0);
    });
    expect(tooLong).toEqual([]);
  });

  test('of ids, descriptions, policies and outputs fit', () => {
    for (const [stage, template] of both()) {
      const limit = (what: string, text: unknown, most: number) => {
        const length = typeof text === 'string' ? text.length : JSON.stringify(text ?? '').length;
        expect([what, length <= most]).toEqual([what, true]);
      };
      for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
        limit(logicalId, logicalId, 255);
        expect(logicalId).toMatch(/^[A-Za-z0-9]+$/);
        limit(`${logicalId} description`, Properties['Description'], Type === 'AWS::Lambda::Function' ? 256 : 512);
        limit(`${logicalId} description`, Properties['AlarmDescription'], 1_024);
        if (Type === 'AWS::IAM::Role')
          limit(`${logicalId} policies`, resolved(template, stage)(Properties['Policies']), 10_240);
        if (Type === 'AWS::Events::Rule')
          for (const { Id } of Properties['Targets'] as { Id: string }[]) limit(`${logicalId} target`, Id, 64);
      }
      for (const [name, output] of Object.entries(template.Outputs)) limit(name, output['Description'], 1_024);
    }
  });
});

describe('what is kept', () => {
  const keptBy = (template: Template) =>
    Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
      resource['DeletionPolicy'] === 'RetainExceptOnCreate' ? [logicalId] : [],
    );

  const kept = ['JobTable', 'SealingSecret', 'LinkSecret', 'MailTable', 'ArchiveBucket'];
  test('when a stack is removed is archive, tables and keys, unless the stage says otherwise', () => {
    expect(keptBy(dev)).toEqual(kept);
    expect(keptBy(other)).toEqual([]);
    for (const id of kept) {
      expect(other.Resources[id]?.['DeletionPolicy']).toBe('Delete');
      expect(other.Resources[id]?.['UpdateReplacePolicy']).toBe('Retain');
    }
  });

  test('is encrypted, private, asked for over TLS only, versioned, and cleared of abandoned uploads', () => {
    const bucket = dev.Resources['ArchiveBucket']?.Properties;
    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    for (const { logicalId, Properties } of ofType(dev, 'AWS::S3::Bucket'))
      expect([logicalId, Properties['PublicAccessBlockConfiguration']]).toEqual([
        logicalId,
        { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      ]);
    expect(JSON.stringify(bucket)).toContain('"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}');
    const policies = ofType(dev, 'AWS::S3::BucketPolicy').map(({ Properties }) => JSON.stringify(Properties));
    expect(policies).toHaveLength(2);
    for (const policy of policies) expect(policy).toMatch(/"Effect":"Deny".*"aws:SecureTransport":"?false/);
  });

  test('in the table is encrypted, can be taken back to any second, and ages', () => {
    expect(dev.Resources['JobTable']?.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });
});

describe('the webhook', () => {
  test('is throttled, far above what Zoom sends', () => {
    const [stage] = ofType(dev, 'AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 });
  });

  test('is served at the address that the output names', () => {
    const { outputs, routes } = deployed(dev, 'dev');
    expect(outputs['WebhookUrl']).toMatch(
      new RegExp(`^https://\\w+\\.execute-api\\.${region}\\.amazonaws\\.com/zoom/webhook$`),
    );
    expect(
      routes
        .map(({ method, path }) => `${method} ${path}`)
        .filter((one) => one.startsWith('POST /'))
        .sort(),
    ).toEqual(['POST /new_recording', 'POST /unsubscribe', 'POST /zoom/webhook']);
  });
});

describe('the pages', () => {
  test('are read by GET alone; one of them has a button', () => {
    const { routes } = deployed(dev, 'dev');
    const read = routes.filter(({ method }) => method !== 'POST').map(({ method, path }) => `${method} ${path}`);
    expect(read.sort()).toEqual([
      'GET /assets/{name}',
      'GET /r/{jobId}',
      'GET /r/{jobId}/captions',
      'GET /r/{jobId}/data',
      'GET /r/{jobId}/files/{name}',
      'GET /r/{jobId}/media/{name}',
      'GET /unsubscribe',
    ]);
  });
});

describe('a stage that sets things', () => {
  test('gets the alarm on silence, the mail subscription and its SMTP server; another gets none of them', () => {
    const conditions = ([stage, template]: [string, Template]) => resolved(template, stage)(template.Conditions);
    expect(both().map(conditions)).toEqual([
      {
        CleansUpZoom: false,
        HasAlarmMail: false,
        HearsSpeech: false,
        UsesSmtp: false,
        WatchesSilence: false,
        Never: false,
      },
      {
        CleansUpZoom: true,
        HasAlarmMail: true,
        HearsSpeech: false,
        UsesSmtp: true,
        WatchesSilence: true,
        Never: false,
      },
    ]);
    const secrets = both().map(([stage, template]) =>
      allowed(template, resolved(template, stage))
        .filter(
          ({ role, actions }) => role.startsWith('SendSummary') && actions.includes('secretsmanager:GetSecretValue'),
        )
        .flatMap(({ resources }) => resources.filter((resource) => resource.endsWith('-??????'))),
    );
    expect(secrets).toEqual([[], [`arn:aws:secretsmanager:${region}:123456789012:secret:rapporteur/smtp-??????`]]);
    expect(other.Resources['SilenceAlarm']?.Properties['EvaluationPeriods']).toBe('26');
    expect(other.Resources['AlarmMail']?.Properties['Endpoint']).toBe('it@university.edu');
  });
});

const ended = (stateMachineArn: string, status: string) => ({
  version: '0' as const,
  id: '1',
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  account: '123456789012',
  time: '2026-01-01T00:00:00Z',
  region,
  resources: [],
  detail: { stateMachineArn, status },
});
