import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Operations, Service } from '../gateway/service.ts';
import { openSecretFile, type Secret, type Version } from './secret-file.ts';

export interface LocalSecrets {
  /** Secrets Manager; its scope name is `secretsmanager`. */
  readonly service: Service;
  /** Makes a secret unless one of that name is there, and returns the ARN it has. */
  putIfAbsent(name: string, value: string, arn?: string): Promise<string>;
  /** The current text of a secret, by its name or ARN. */
  read(id: string): Promise<string>;
}

export interface SecretsOptions {
  readonly folder: string;
  readonly clock?: Pick<Clock, 'now'>;
}

const largestValue = 65_536;
const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
type Members = Record<string, unknown>;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
const missing = (what = ''): AwsError =>
  new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret${what}.`);

/** AWS ends an ARN in six random characters, so that a secret made anew under an old name is another one. */
const newArn = (name: string): string =>
  `arn:aws:secretsmanager:${localRegion}:${localAccount}:secret:${name}-${randomBytes(16)
    .toString('base64')
    .replace(/[^A-Za-z]/g, '')
    .padEnd(6, 'x')
    .slice(0, 6)}`;

const onlyMembers = (input: Members, known: readonly string[], operation: string): void => {
  const other = Object.keys(input).find((name) => !known.includes(name));
  if (other !== undefined) throw notSupported(`The member ${other} of Secrets Manager's ${operation}`);
};

const valueOf = (input: Members): Pick<Version, 'text' | 'binary'> | undefined => {
  const { SecretString: text, SecretBinary: binary } = input as { SecretString?: string; SecretBinary?: string };
  if (text !== undefined && binary !== undefined)
    throw new AwsError(
      'InvalidParameterException',
      'You can specify either SecretString or SecretBinary, but not both.',
    );
  const length = text === undefined ? Buffer.byteLength(binary ?? '', 'base64') : Buffer.byteLength(text);
  if (length > largestValue)
    throw invalid(
      `1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to ${largestValue}`,
    );
  if (text !== undefined) return { text };
  return binary === undefined ? undefined : { binary };
};

const sameValue = (left: Pick<Version, 'text' | 'binary'>, right: Pick<Version, 'text' | 'binary'>): boolean =>
  left.text === right.text && left.binary === right.binary;

const versionWithStage = (secret: Secret, stage: string): Version | undefined =>
  secret.versions.find(({ stages }) => stages.includes(stage));

/** Gives a version its stages: a stage is on one version only, and what was current becomes previous. */
const moveStages = (secret: Secret, target: Version, stages: readonly string[]): void => {
  const was = versionWithStage(secret, current);
  const take = (stage: string, version: Version): void => {
    for (const each of secret.versions) each.stages = each.stages.filter((other) => other !== stage);
    version.stages.push(stage);
  };
  for (const stage of stages) take(stage, target);
  if (stages.includes(current) && was && was !== target) take(previous, was);
  // Without a stage a version is deprecated, and goes.
  secret.versions = secret.versions.filter((version) => version.stages.length > 0);
};

export const createSecrets = async ({ folder, clock = systemClock }: SecretsOptions): Promise<LocalSecrets> => {
  const file = await openSecretFile(folder);

  const find = (id: unknown): Secret => {
    if (typeof id !== 'string' || id === '')
      throw invalid(
        "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
      );
    const found = file
      .secrets()
      .find(({ arn, name }) => arn === id || name === id || arn.replace(/-[A-Za-z]{6}$/, '') === id);
    if (!found) throw missing();
    return found;
  };

  const create = (
    name: string,
    value: Pick<Version, 'text' | 'binary'> | undefined,
    input: { description?: string; token?: string; arn?: string },
  ): Secret => {
    const now = clock.now();
    const versions = value ? [{ id: input.token ?? randomUUID(), stages: [current], createdAt: now, ...value }] : [];
    const secret: Secret = {
      name,
      arn: input.arn ?? newArn(name),
      ...(input.description !== undefined && { description: input.description }),
      createdAt: now,
      changedAt: now,
      versions,
    };
    file.secrets().push(secret);
    return secret;
  };

  const operations: Operations = {
    CreateSecret: async (input: Members) => {
      onlyMembers(input, ['Name', 'Description', 'ClientRequestToken', 'SecretString', 'SecretBinary'], 'CreateSecret');
      const {
        Name: name,
        Description: description,
        ClientRequestToken: token,
      } = input as Record<string, string | undefined>;
      if (name === undefined || !/^[\w/+=.@-]{1,512}$/.test(name)) {
        throw invalid(
          'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        );
      }
      const value = valueOf(input);
      const existing = file.secrets().find((secret) => secret.name === name);
      const same = existing?.versions.find(({ id }) => id === token);
      if (existing && !(same && value && sameValue(same, value))) {
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const secret =
        existing ??
        create(name, value, {
          ...(description !== undefined && { description }),
          ...(token !== undefined && { token }),
        });
      if (!existing) await file.save();
      return { ARN: secret.arn, Name: name, VersionId: same?.id ?? secret.versions[0]?.id };
    },

    PutSecretValue: async (input: Members) => {
      onlyMembers(
        input,
        ['SecretId', 'ClientRequestToken', 'SecretString', 'SecretBinary', 'VersionStages'],
        'PutSecretValue',
      );
      const secret = find(input['SecretId']);
      const value = valueOf(input);
      if (!value)
        throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
      const id = (input['ClientRequestToken'] as string | undefined) ?? randomUUID();
      const stages = (input['VersionStages'] as string[] | undefined) ?? [current];
      const existing = secret.versions.find((version) => version.id === id);
      if (existing && !sameValue(existing, value)) {
        throw new AwsError(
          'ResourceExistsException',
          `You can't modify an existing version, you can only create a new version: ${id}`,
        );
      }
      const version = existing ?? { id, stages: [], createdAt: clock.now(), ...value };
      if (!existing) {
        secret.versions.push(version);
        moveStages(secret, version, stages);
        secret.changedAt = clock.now();
        await file.save();
      }
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: version.stages };
    },

    GetSecretValue: async (input: Members) => {
      onlyMembers(input, ['SecretId', 'VersionId', 'VersionStage'], 'GetSecretValue');
      const secret = find(input['SecretId']);
      const { VersionId: id, VersionStage: stage = id === undefined ? current : undefined } = input as {
        VersionId?: string;
        VersionStage?: string;
      };
      const version = secret.versions.find(
        (each) => (id === undefined || each.id === id) && (stage === undefined || each.stages.includes(stage)),
      );
      if (!version)
        throw missing(id === undefined ? ` value for staging label: ${stage}` : ` value for VersionId: ${id}`);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: new Date(version.createdAt),
        ...(version.text === undefined ? { SecretBinary: version.binary } : { SecretString: version.text }),
      };
    },

    DescribeSecret: async (input: Members) => {
      onlyMembers(input, ['SecretId'], 'DescribeSecret');
      return describe(find(input['SecretId']), 'VersionIdsToStages');
    },

    ListSecrets: async (input: Members) => {
      onlyMembers(input, ['MaxResults', 'NextToken', 'SortOrder'], 'ListSecrets');
      const { MaxResults: limit = 100, NextToken: token = '0' } = input as { MaxResults?: number; NextToken?: string };
      if (!Number.isInteger(limit) || limit < 1 || limit > 100)
        throw invalid("Value at 'maxResults' failed to satisfy constraint: between 1 and 100");
      if (!/^\d+$/.test(token)) throw new AwsError('InvalidNextTokenException', 'Invalid NextToken.');
      const end = Number(token) + limit;
      const more = end < file.secrets().length;
      return {
        SecretList: file
          .secrets()
          .slice(Number(token), end)
          .map((secret) => describe(secret, 'SecretVersionsToStages')),
        ...(more && { NextToken: String(end) }),
      };
    },
  };

  return {
    service: jsonService({ prefix: 'secretsmanager', version: '1.1', operations }),
    putIfAbsent: async (name, value, arn) => {
      const existing = file.secrets().find((secret) => secret.name === name);
      if (existing) return existing.arn;
      const secret = create(name, { text: value }, arn === undefined ? {} : { arn });
      await file.save();
      return secret.arn;
    },
    read: async (id) => {
      const text = versionWithStage(find(id), current)?.text;
      if (text === undefined) throw missing(` value for staging label: ${current}`);
      return text;
    },
  };
};

const describe = (secret: Secret, versionsMember: string): Members => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  CreatedDate: new Date(secret.createdAt),
  LastChangedDate: new Date(secret.changedAt),
  [versionsMember]: Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages])),
});
