import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { createSecrets, type LocalSecrets } from '../../../local/secrets/secrets.ts';

let folder: string;
let secrets: LocalSecrets;
let gateway: Gateway;
let client: SecretsManagerClient;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-secrets-'));
  secrets = await createSecrets({ folder });
  gateway = await startGateway({ port: 0, services: { secretsmanager: secrets.service } });
  client = new SecretsManagerClient({
    endpoint: gateway.url,
    region: localRegion,
    credentials: localCredentials,
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});

const get = (SecretId: string, rest: { VersionId?: string; VersionStage?: string } = {}) =>
  client.send(new GetSecretValueCommand({ SecretId, ...rest }));

describe('a secret', () => {
  test('is found by name, by ARN, and by ARN without its last characters', async () => {
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'rapporteur/zoom', SecretString: 'one' }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:rapporteur\/zoom-[A-Za-z]{6}$/);
    for (const id of ['rapporteur/zoom', ARN!, ARN!.slice(0, -7)]) {
      expect(await get(id)).toMatchObject({
        SecretString: 'one',
        Name: 'rapporteur/zoom',
        ARN,
        VersionStages: ['AWSCURRENT'],
      });
    }
    expect((await get(ARN!)).CreatedDate).toBeInstanceOf(Date);
  });

  test('keeps its previous value while it is rotated', async () => {
    await client.send(new CreateSecretCommand({ Name: 'zoom', SecretString: 'one' }));
    await client.send(new PutSecretValueCommand({ SecretId: 'zoom', SecretString: 'two' }));
    await client.send(
      new PutSecretValueCommand({ SecretId: 'zoom', SecretString: 'next', VersionStages: ['AWSPENDING'] }),
    );
    const at = async (VersionStage?: string) =>
      (await get('zoom', VersionStage === undefined ? {} : { VersionStage })).SecretString;
    expect([await at(), await at('AWSPREVIOUS'), await at('AWSPENDING')]).toEqual(['two', 'one', 'next']);
    await client.send(new PutSecretValueCommand({ SecretId: 'zoom', SecretString: 'three' }));
    expect([await at(), await at('AWSPREVIOUS')]).toEqual(['three', 'two']);
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: 'zoom' }));
    expect(Object.values(VersionIdsToStages!).flat().sort()).toEqual(['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS']);
  });

  test('may be bytes', async () => {
    await client.send(new CreateSecretCommand({ Name: 'key', SecretBinary: Buffer.from([0, 255]) }));
    expect((await get('key')).SecretBinary).toEqual(new Uint8Array([0, 255]));
  });

  test('is written once for one request token', async () => {
    const ClientRequestToken = '12345678-1234-1234-1234-123456789012';
    const create = (SecretString: string) =>
      client.send(new CreateSecretCommand({ Name: 'once', SecretString, ClientRequestToken }));
    expect((await create('one')).VersionId).toBe(ClientRequestToken);
    expect((await create('one')).VersionId).toBe(ClientRequestToken);
    await expect(create('two')).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(
      client.send(new PutSecretValueCommand({ SecretId: 'once', SecretString: 'two', ClientRequestToken })),
    ).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('survives a restart, in a file that only its owner may read', async () => {
    const arn = await secrets.putIfAbsent(
      'zoom',
      'one',
      'arn:aws:secretsmanager:us-east-1:000000000000:secret:zoom-AbCdEf',
    );
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
    const again = await createSecrets({ folder });
    expect(await again.putIfAbsent('zoom', 'other')).toBe(arn);
    expect((await get(arn)).SecretString).toBe('one');
  });
});

test('secrets are listed page by page', async () => {
  for (const name of ['a', 'b', 'c']) await secrets.putIfAbsent(name, 'x');
  const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
  const second = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));
  expect([first, second].map(({ SecretList }) => SecretList!.map(({ Name }) => Name))).toEqual([['a', 'b'], ['c']]);
  expect(JSON.stringify([first, second])).not.toContain('"x"');
});

test('a damaged file is told in one sentence', async () => {
  await writeFile(join(folder, 'secrets.json'), '{');
  await expect(createSecrets({ folder })).rejects.toThrow(/^The secrets in .* cannot be read: .+/);
});

describe('is refused:', () => {
  const cases: [string, () => Promise<unknown>, string, string][] = [
    [
      'an unknown secret',
      () => get('nowhere'),
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret.",
    ],
    [
      'a secret without value',
      () => client.send(new CreateSecretCommand({ Name: 'empty' })).then(() => get('empty')),
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT.",
    ],
    [
      'a name with a space',
      () => client.send(new CreateSecretCommand({ Name: 'a b', SecretString: 'x' })),
      'ValidationException',
      'Invalid name',
    ],
    [
      'a value over 64 KB',
      () => client.send(new CreateSecretCommand({ Name: 'big', SecretString: 'x'.repeat(65_537) })),
      'ValidationException',
      '65536',
    ],
    [
      'two values',
      () => client.send(new CreateSecretCommand({ Name: 'two', SecretString: 'x', SecretBinary: Buffer.from('x') })),
      'InvalidParameterException',
      'not both',
    ],
    [
      'an operation that is not there',
      () => client.send(new DeleteSecretCommand({ SecretId: 'a' })),
      'UnknownOperationException',
      'DeleteSecret',
    ],
    [
      'a member that is not there',
      () => client.send(new CreateSecretCommand({ Name: 'a', SecretString: 'x', KmsKeyId: 'k' })),
      'NotSupportedByLocalCloud',
      'KmsKeyId',
    ],
  ];
  test.each(cases)('%s', async (_, act, name, message) => {
    await expect(act()).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});
