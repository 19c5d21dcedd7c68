import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, everySwitch, ofType, packagingMillis, region, resolved } from './compiled.ts';
import { isMetric } from './schemas.ts';

let template: Template;
/** As `template`, but with every reference worked out. */
let clear: (logicalId: string) => Record<string, unknown>;
beforeAll(async () => {
  template = await compile('dev', everySwitch);
  const resolve = resolved(template, 'dev');
  clear = (logicalId) => resolve(template.Resources[logicalId]?.Properties) as Record<string, unknown>;
}, packagingMillis);

const alarms = () =>
  ofType(template, 'AWS::CloudWatch::Alarm').map(({ logicalId, Condition }) => ({
    logicalId,
    Condition,
    ...(clear(logicalId) as {
      Namespace: string;
      MetricName: string;
      AlarmDescription: string;
      AlarmActions: string[];
      Dimensions: { Name: string; Value: string }[];
      Period: number;
      EvaluationPeriods: number;
      TreatMissingData: string;
    }),
  }));
const alarmOn = (metric: string, value: string) =>
  alarms().find(
    ({ MetricName, Dimensions }) => MetricName === metric && Dimensions.some(({ Value }) => Value === value),
  );

/** Functions that something calls without waiting for their answer. */
const calledAsynchronously = () =>
  ofType(template, 'AWS::Lambda::Permission').flatMap(({ Properties: { Principal, FunctionName } }) => {
    const [logicalId] = (FunctionName as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
    return Principal === 'apigateway.amazonaws.com' || !logicalId ? [] : [logicalId];
  });
const targetsOf = (kind: 'EventPattern' | 'ScheduleExpression') =>
  ofType(template, 'AWS::Events::Rule')
    .filter(({ Properties }) => Properties[kind] !== undefined)
    .flatMap(({ Properties }) => Properties['Targets'] as Record<string, Record<string, unknown>>[]);
const calls = (target: Record<string, unknown>, fn: string): boolean =>
  JSON.stringify(target['Arn']).includes(`"${fn}"`);
const scheduled = () =>
  calledAsynchronously().filter((fn) => targetsOf('ScheduleExpression').some((target) => calls(target, fn)));
const invokeConfigOf = (fn: string) =>
  ofType(template, 'AWS::Lambda::EventInvokeConfig').find(
    ({ Properties }) => JSON.stringify(Properties['FunctionName']) === JSON.stringify({ Ref: fn }),
  );

describe('an alarm', () => {
  test.each(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionThrottled'])(
    'tells of each machine’s %s',
    (metric) => {
      for (const { logicalId } of ofType(template, 'AWS::StepFunctions::StateMachine')) {
        const name = clear(logicalId)['StateMachineName'] as string;
        const arn = `arn:aws:states:${region}:123456789012:stateMachine:${name}`;
        expect([metric, alarmOn(metric, arn)?.Namespace]).toEqual([metric, 'AWS/States']);
      }
    },
  );

  test('tells that the webhook fails', () => {
    expect(alarms().find(({ MetricName }) => MetricName === '5xx')?.Namespace).toBe('AWS/ApiGateway');
  });

  test('tells that a function fails which nobody waits for', () => {
    expect(calledAsynchronously()).toEqual([
      'ExecutionEndedLambdaFunction',
      'MailEventLambdaFunction',
      'SendNoticeLambdaFunction',
      'SweepLambdaFunction',
      'CleanUpZoomLambdaFunction',
      'TranscriptionEndedLambdaFunction',
      'PollTranscriptionsLambdaFunction',
    ]);
    for (const logicalId of calledAsynchronously())
      expect(alarmOn('Errors', clear(logicalId)['FunctionName'] as string)).toBeDefined();
  });

  test('tells of every dead letter', () => {
    const queues = ofType(template, 'AWS::SQS::Queue');
    expect(queues.length).toBeGreaterThan(0);
    for (const { logicalId } of queues) {
      const dimension = { Name: 'QueueName', Value: { 'Fn::GetAtt': [logicalId, 'QueueName'] } };
      const watching = ofType(template, 'AWS::CloudWatch::Alarm').filter(
        ({ Properties }) => JSON.stringify(Properties['Dimensions']) === JSON.stringify([dimension]),
      );
      expect(watching).toHaveLength(1);
    }
  });

  test('tells of silence, once a stage asks for it', () => {
    const { Condition, MetricName, TreatMissingData } =
      alarms().find(({ logicalId }) => logicalId === 'SilenceAlarm') ?? {};
    expect({ Condition, MetricName, TreatMissingData }).toEqual({
      Condition: 'WatchesSilence',
      MetricName: 'ExecutionsSucceeded',
      TreatMissingData: 'breaching',
    });
  });

  test('watches a metric that AWS has, by the dimensions it has', () => {
    for (const { logicalId, Namespace, MetricName, Dimensions } of alarms())
      expect([
        logicalId,
        isMetric(
          Namespace,
          MetricName,
          Dimensions.map(({ Name }) => Name),
        ),
      ]).toEqual([logicalId, true]);
    expect(isMetric('AWS/States', 'ExecutionsFailed', ['FunctionName'])).toBe(false);
  });

  test('says in a sentence what to do, and goes to the topic', () => {
    for (const { logicalId, AlarmDescription, AlarmActions } of alarms()) {
      expect([logicalId, AlarmDescription]).toEqual([logicalId, expect.stringMatching(/^[A-Z].{40,900}Stage dev\.$/)]);
      expect([logicalId, AlarmActions]).toEqual([logicalId, [expect.stringContaining(':sns:')]]);
    }
  });

  test('looks back no further than CloudWatch does', () => {
    for (const { logicalId, Period, EvaluationPeriods } of alarms()) {
      const most = Period >= 3_600 ? 7 * 86_400 : 86_400;
      expect([logicalId, Period * EvaluationPeriods <= most]).toEqual([logicalId, true]);
      expect([logicalId, Period % 60]).toEqual([logicalId, 0]);
    }
  });
});

/** What it misses, the polling beside it finds. */
const polled = 'TranscriptionEndedLambdaFunction';

describe('an event that nobody takes', () => {
  test('ends in a queue: where it cannot be delivered, and where its function fails each time', () => {
    for (const fn of calledAsynchronously().filter((one) => !scheduled().includes(one) && one !== polled)) {
      const own = targetsOf('EventPattern').filter((target) => calls(target, fn));
      expect(own.length).toBeGreaterThan(0);
      for (const { DeadLetterConfig, RetryPolicy } of own) {
        expect(DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } });
        expect(RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
      }
      expect(invokeConfigOf(fn)?.Properties).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: own[0]?.['DeadLetterConfig']?.['Arn'] } },
      });
    }
  });

  test('is not repeated where it says nothing but that it is time: the next one comes by itself', () => {
    expect(scheduled()).toEqual([
      'SweepLambdaFunction',
      'CleanUpZoomLambdaFunction',
      'PollTranscriptionsLambdaFunction',
    ]);
    for (const fn of scheduled())
      expect(invokeConfigOf(fn)?.Properties).toEqual(expect.objectContaining({ MaximumRetryAttempts: 0 }));
  });

  test('may be written to the queue by the rule of this stage alone, over TLS', () => {
    for (const { logicalId, Properties } of ofType(template, 'AWS::Events::Rule')) {
      if (Properties['EventPattern'] === undefined || JSON.stringify(Properties['Targets']).includes(polled)) continue;
      const rule = `arn:aws:events:${region}:123456789012:rule/${clear(logicalId)['Name'] as string}`;
      const allows = ofType(template, 'AWS::SQS::QueuePolicy').map((policy) => {
        const document = resolved(template, 'dev')(policy.Properties['PolicyDocument']) as { Statement: object[] };
        return document.Statement;
      });
      expect(allows.flat()).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Condition: { ArnEquals: { 'aws:SourceArn': rule } },
        }),
      );
      expect(allows.flat()).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
    for (const { Properties } of ofType(template, 'AWS::SQS::Queue'))
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
  });
});

describe('logs', () => {
  test('of each function, of each machine and of the API have a group that forgets', () => {
    const groups = ofType(template, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties);
    for (const group of groups)
      expect([group['LogGroupName'], group['RetentionInDays']]).toEqual([expect.any(String), 90]);
    const names = groups.map(({ LogGroupName }) => LogGroupName);
    for (const { Properties } of ofType(template, 'AWS::Lambda::Function'))
      expect(names).toContain(`/aws/lambda/${String(Properties['FunctionName'])}`);
    for (const { Properties } of ofType(template, 'AWS::StepFunctions::StateMachine'))
      expect(names).toContain(`/aws/vendedlogs/states/${String(Properties['StateMachineName'])}`);
  });

  test('of the API say who got which answer, and neither header nor body nor query', () => {
    const [stage] = ofType(template, 'AWS::ApiGatewayV2::Stage');
    const { Format } = stage?.Properties['AccessLogSettings'] as { Format: string };
    expect(Object.values(JSON.parse(Format) as Record<string, string>)).toEqual([
      '$context.requestTime',
      '$context.requestId',
      '$context.identity.sourceIp',
      '$context.routeKey',
      '$context.status',
      '$context.responseLatency',
      '$context.integrationErrorMessage',
    ]);
  });

  test('traces are not written', () => {
    expect(JSON.stringify(template)).not.toMatch(/TracingConfig|xray:/);
  });
});

/** A metric of AWS, or one that a filter of ours counts out of logs. */
const isKnown = (namespace: string, name: string, dimensions: readonly string[]): boolean =>
  isMetric(namespace, name, dimensions) ||
  ofType(template, 'AWS::Logs::MetricFilter').some(({ logicalId }) => {
    const { MetricTransformations } = clear(logicalId) as { MetricTransformations: Record<string, unknown>[] };
    return MetricTransformations.some(
      (one) =>
        one['MetricNamespace'] === namespace &&
        one['MetricName'] === name &&
        (one['Dimensions'] as { Key: string }[]).map(({ Key }) => Key).join() === dimensions.join(),
    );
  });

describe('the dashboard', () => {
  test('is JSON that CloudWatch takes, every widget within the grid, and links to machine, table and archive', () => {
    const { DashboardBody } = resolved(
      template,
      'dev',
    )({
      DashboardBody: template.Resources['Dashboard']?.Properties['DashboardBody'],
    }) as { DashboardBody: string };
    const { widgets } = JSON.parse(DashboardBody) as {
      widgets: { type: string; x: number; width: number; properties: Record<string, unknown> }[];
    };
    for (const { type, x, width, properties } of widgets) {
      expect(['text', 'metric']).toContain(type);
      expect(x + width).toBeLessThanOrEqual(24);
      if (type === 'metric') expect(properties).toMatchObject({ region: region, title: expect.any(String) });
    }
    for (const metric of ['Errors', 'Duration']) {
      const shown = widgets
        .map(({ properties }) => JSON.stringify(properties['metrics'] ?? ''))
        .find((text) => text.includes(`"${metric}"`));
      for (const { Properties } of ofType(template, 'AWS::Lambda::Function'))
        expect(shown).toContain(`"${String(Properties['FunctionName'])}"`);
    }
    const metrics = widgets.flatMap(({ properties }) => written((properties['metrics'] ?? []) as unknown[][]));
    expect(metrics.length).toBeGreaterThan(20);
    for (const [namespace = '', name = '', ...rest] of metrics) {
      const dimensions = rest.filter((_part, index) => index % 2 === 0);
      expect([namespace, name, dimensions, isKnown(namespace, name, dimensions)]).toEqual([
        namespace,
        name,
        dimensions,
        true,
      ]);
    }
    const [text] = widgets;
    expect(text?.properties['markdown']).toMatch(/states\/home.*rapporteur-dev-recording/s);
    expect(text?.properties['markdown']).toMatch(/dynamodbv2.*s3\/buckets/s);
  });
});

/** The rows of a widget in full: "." repeats what stands above it, "..." all of it. */
const written = (rows: unknown[][]): string[][] =>
  rows.reduce<string[][]>((done, row) => {
    const above = done.at(-1) ?? [];
    const parts = row.filter((part) => typeof part === 'string');
    return [
      ...done,
      parts[0] === '...' ? above : parts.map((part, index) => (part === '.' ? (above[index] ?? '') : part)),
    ];
  }, []);
