import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { clientsOf, describeAwscli, type Clients, patience } from './client-program.ts';

jest.setTimeout(patience);

describeAwscli('The AWS CLI, against the whole local cloud,', () => {
  let local: LocalCloud;
  let cli: Clients;
  let table: string;
  let jobId: string;
  let jobKey: string;
  const states = (operation: string, ...words: string[]) => ['stepfunctions', operation, ...words];
  const statusOf = (arn: string) =>
    cli.awsJson(states('describe-execution', '--execution-arn', arn, '--query', 'status'));

  beforeAll(async () => {
    local = await bootLocalCloud();
    cli = clientsOf(local.cloud.gateway.url);
    table = local.look.table;
    const meeting = local.record('A meeting for the AWS CLI');
    jobId = meeting.jobId;
    jobKey = JSON.stringify({ pk: { S: `JOB#${jobId}` }, sk: { S: 'JOB' } });
    await meeting.announce('recording.completed');
    await local.closed(jobId);
  });
  afterAll(async () => {
    cli?.remove();
    await local?.close();
    local?.remove();
  });

  test('describes the job table, scans it page by page and queries one job', async () => {
    expect(await cli.awsJson('dynamodb list-tables')).toMatchObject({ TableNames: expect.arrayContaining([table]) });
    const { Table } = (await cli.awsJson(`dynamodb describe-table --table-name ${table}`)) as { Table: object };
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
    const kinds = ['--query', 'Items[].sk.S'];
    const scanned = await cli.awsJson(['dynamodb', 'scan', '--table-name', table, '--page-size', '3', ...kinds]);
    const values = JSON.stringify({ ':job': { S: `JOB#${jobId}` }, ':file': { S: 'FILE#' } });
    const condition = 'pk = :job AND begins_with(sk, :file)';
    const where = ['--key-condition-expression', condition, '--expression-attribute-values', values];
    const queried = (await cli.awsJson(['dynamodb', 'query', '--table-name', table, ...where, ...kinds])) as string[];
    expect(queried).toHaveLength((await local.look.files(jobId)).length);
    expect(scanned).toEqual(expect.arrayContaining([...queried, 'JOB']));
  });

  test('gets a job and changes it, under a condition', async () => {
    const job = ['--table-name', table, '--key', jobKey];
    const values = ['--expression-attribute-values', JSON.stringify({ ':note': { S: 'seen' } })];
    const update = ['dynamodb', 'update-item', ...job, '--update-expression', 'SET note = :note', ...values];
    expect(
      await cli.awsJson([
        ...update,
        '--condition-expression',
        'attribute_exists(pk)',
        '--return-values',
        'UPDATED_NEW',
      ]),
    ).toEqual({
      Attributes: { note: { S: 'seen' } },
    });
    const item = await cli.awsJson(['dynamodb', 'get-item', '--consistent-read', ...job, '--query', 'Item']);
    expect(item).toMatchObject({ note: { S: 'seen' }, status: { S: 'done' } });
    expect(await cli.awsRefusal([...update, '--condition-expression', 'attribute_not_exists(pk)'])).toContain(
      '(ConditionalCheckFailedException) when calling the UpdateItem operation: The conditional request failed',
    );
  });

  test('lists and describes the executions of the machine and prints their history', async () => {
    const arn = local.arnOf(`${jobId}-1`);
    const machine = await cli.awsJson(states('describe-state-machine', '--state-machine-arn', local.machineArn));
    expect(JSON.parse((machine as { definition: string }).definition)).toMatchObject({ QueryLanguage: 'JSONata' });
    const listed = await cli.awsJson(
      states('list-executions', '--state-machine-arn', local.machineArn, '--status-filter', 'SUCCEEDED'),
    );
    expect((listed as { executions: object[] }).executions).toMatchObject([{ executionArn: arn, status: 'SUCCEEDED' }]);
    const described = await cli.awsJson(states('describe-execution', '--execution-arn', arn));
    expect(described).toMatchObject({ status: 'SUCCEEDED', input: JSON.stringify({ jobId }) });
    const history = ['--execution-arn', arn, '--page-size', '25'];
    const { events } = (await cli.awsJson(states('get-execution-history', ...history))) as {
      events: { type: string; id: number }[];
    };
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events).toHaveLength((await local.historyOf(arn)).length);
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['ExecutionStarted', 'ExecutionSucceeded']);
  });

  test('starts an execution, once under one name, and stops it', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const remove = local.interfere(async (key, _, call) => (key === 'fetchMetadata' && (await opened), call()));
    const start = states('start-execution', '--state-machine-arn', local.machineArn, '--name', 'by-hand', '--input');
    const { executionArn } = (await cli.awsJson([...start, '{"meetingUuid":"abc"}'])) as { executionArn: string };
    expect(await statusOf(executionArn)).toBe('RUNNING');
    expect(await cli.awsRefusal([...start, '{"meetingUuid":"other"}'])).toContain('(ExecutionAlreadyExists)');
    const why = ['--error', 'ByHand', '--cause', 'no longer wanted'];
    await cli.aws(states('stop-execution', '--execution-arn', executionArn, ...why));
    const stopped = await cli.awsJson(states('describe-execution', '--execution-arn', executionArn));
    expect(stopped).toMatchObject({ status: 'ABORTED', error: 'ByHand', cause: 'no longer wanted' });
    remove();
    open();
  });

  test('redrives an execution that failed, where the CLI knows how to', async () => {
    const meeting = local.record('A meeting that fails first');
    const remove = local.interfere(async (key, payload, call) =>
      key === 'planDownload' && (payload as { jobId?: string }).jobId === meeting.jobId
        ? { functionError: 'Unhandled', payload: { errorType: 'PermanentError', errorMessage: 'BAD_CONFIG: not yet' } }
        : call(),
    );
    await meeting.announce('recording.completed');
    const arn = local.arnOf(`${meeting.jobId}-1`);
    await until(async () => (await local.describe(arn)).status === 'FAILED');
    expect(await statusOf(arn)).toBe('FAILED');
    remove();
    const refusal = await cli.awsRefusal(states('redrive-execution', '--execution-arn', arn));
    if (refusal.includes('Invalid choice')) {
      process.stderr.write('This AWS CLI does not know RedriveExecution: the SDK signs the request instead.\n');
      await local.redrive(arn);
    }
    await until(async () => (await local.describe(arn)).status === 'SUCCEEDED');
    const types = await cli.awsJson(
      states('get-execution-history', '--execution-arn', arn, '--query', 'events[].type'),
    );
    expect(types).toEqual(expect.arrayContaining(['ExecutionFailed', 'ExecutionRedriven', 'ExecutionSucceeded']));
  });

  test('lists secrets and reads one', async () => {
    const names = (await cli.awsJson('secretsmanager list-secrets --query SecretList[].Name')) as string[];
    const zoom = names.find((name) => name.endsWith('/zoom')) ?? '';
    const secret = await cli.awsJson(`secretsmanager get-secret-value --secret-id ${zoom} --query SecretString`);
    expect(JSON.parse(secret as string)).toMatchObject({ webhookSecretTokens: [expect.any(String)] });
    expect(await cli.awsRefusal('secretsmanager get-secret-value --secret-id nobody')).toContain(
      '(ResourceNotFoundException)',
    );
  });

  test('sends a mail from the address that is verified, and from no other', async () => {
    const from = local.cloud.deployment.functions.flatMap(({ environment }) => environment.MAIL_FROM ?? [])[0] ?? '';
    const content = { Simple: { Subject: { Data: 'Grüße', Charset: 'UTF-8' }, Body: { Text: { Data: 'Hello' } } } };
    const send = (sender: string) => [
      ...['sesv2', 'send-email', '--from-email-address', sender, '--destination', 'ToAddresses=ann@example.org'],
      ...['--content', JSON.stringify(content)],
    ];
    const { MessageId } = (await cli.awsJson(send(from))) as { MessageId: string };
    expect(await local.mailsAbout('Grüße')).toMatchObject([{ id: MessageId }]);
    expect(await cli.awsRefusal(send('other@example.com'))).toContain(
      '(MessageRejected) when calling the SendEmail operation: Email address is not verified.',
    );
  });

  test('invokes a function and sees its answer or its error', async () => {
    const name = local.cloud.deployment.functions.find((one) => one.name.endsWith('-fetchMetadata'))?.name ?? '';
    writeFileSync(join(cli.folder, 'payload.json'), '{}');
    const invoke = (one: string) => [
      'lambda',
      'invoke',
      '--function-name',
      one,
      '--payload',
      'fileb://payload.json',
      'answer.json',
    ];
    expect(await cli.awsJson(invoke(name))).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    const answer: unknown = JSON.parse(readFileSync(join(cli.folder, 'answer.json'), 'utf8'));
    expect(answer).toMatchObject({ errorType: 'PermanentError', errorMessage: expect.stringContaining('BAD_INPUT') });
    expect(await cli.awsRefusal(invoke('nobody'))).toContain('(ResourceNotFoundException)');
  });

  test('puts events on the bus, one of which nobody but AWS may send', async () => {
    const entry = (Source: string) => ({ Source, DetailType: 'Something happened', Detail: '{}' });
    const entries = JSON.stringify([entry('somebody'), entry('aws.states')]);
    expect(await cli.awsJson(['events', 'put-events', '--entries', entries])).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'NotAuthorizedForSourceException' }],
    });
  });

  test.each([
    ['a wrong secret', 'dynamodb list-tables', { AWS_SECRET_ACCESS_KEY: 'wrong' }, '(InvalidSignatureException)'],
    [
      'an unknown key',
      'stepfunctions list-state-machines',
      { AWS_ACCESS_KEY_ID: 'AKIAX' },
      '(UnrecognizedClientException)',
    ],
    ['another region', 'dynamodb list-tables --region eu-west-1', {}, "a valid region, not 'eu-west-1'"],
    [
      'an operation that is not there',
      'dynamodb describe-limits',
      {},
      'DescribeLimits is not an operation of DynamoDB',
    ],
    [
      'a machine that is not there',
      `stepfunctions list-executions --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:x`,
      {},
      '(StateMachineDoesNotExist)',
    ],
    [
      'a JSON service that is not there',
      'logs describe-log-groups',
      {},
      "The AWS service 'logs' is not supported by the local cloud.",
    ],
    [
      'an XML service that is not there',
      'cloudformation list-stacks',
      {},
      "The AWS service 'cloudformation' is not supported by the local cloud.",
    ],
    ['the first version of SES', 'ses list-identities', {}, '(NotSupportedByLocalCloud)'],
  ])('hears in a sentence why it is refused with %s', async (_, words, environment, sentence) => {
    expect(await cli.awsRefusal(words, { environment })).toContain(sentence);
  });
});
