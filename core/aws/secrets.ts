import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { PermanentError } from '../step/errors.ts';
import { keepOutOfLogs } from '../step/log.ts';

/** A secret is fetched again after this time, so that a rotated one is picked up without a deploy. */
const maximumAgeMillis = 5 * 60_000;

/** Fetches a secret's text by its name. */
export type GetSecret = (secretId: string) => Promise<string>;

export const secretsManager =
  (client = new SecretsManagerClient()): GetSecret =>
  async (secretId) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? '';
  };

/** Fetches one secret by name, keeps it for a while, and keeps its values out of the logs. */
const cached = <Value>(getSecret: GetSecret, secretId: string, read: (text: string) => Value, now = Date.now) => {
  let kept: { at: number; value: Promise<Value> } | undefined;
  const fetch = async (): Promise<Value> => read(await getSecret(secretId));
  return ({ afresh = false } = {}): Promise<Value> => {
    if (afresh || !kept || now() - kept.at > maximumAgeMillis) {
      const slot = { at: now(), value: fetch() };
      kept = slot;
      slot.value.catch(() => {
        if (kept === slot) kept = undefined;
      });
    }
    return kept.value;
  };
};

const zoomSecret = z.object({
  webhookSecretTokens: z.array(z.string().min(8)).min(1),
  accountId: z.string().min(1).optional(),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
});

/** Reads a secret that is JSON; every field that is wrong is named, no value is told. */
const readJsonSecret = <Schema extends z.ZodType>(secretId: string, schema: Schema, text: string): z.output<Schema> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PermanentError('BAD_CONFIG', `the secret ${secretId} is not JSON`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => `${issue.path.join('.') || 'secret'}: ${issue.message}`);
  throw new PermanentError('BAD_CONFIG', `the secret ${secretId} is incomplete: ${fields.join('; ')}`);
};

const readZoomSecret = (secretId: string) => (text: string) => {
  const { webhookSecretTokens, accountId, clientId, clientSecret } = readJsonSecret(secretId, zoomSecret, text);
  const missing = Object.entries({ accountId, clientId, clientSecret }).flatMap(([name, value]) =>
    value ? [] : [name],
  );
  if (missing.length === 1 || missing.length === 2) {
    throw new PermanentError(
      'BAD_CONFIG',
      `the secret ${secretId} lacks ${missing.join(' and ')}: give all three or none`,
    );
  }
  keepOutOfLogs(...webhookSecretTokens, clientSecret);
  const [current = '', ...previous] = webhookSecretTokens;
  return {
    /** The current token first; there is always one, since an empty secret would sign anything. */
    webhookSecretTokens: [current, ...previous] as [string, ...string[]],
    credentials: accountId && clientId && clientSecret ? { accountId, clientId, clientSecret } : undefined,
  };
};

export const zoomSecretConfig = {
  zoomSecret: z.string().min(1, 'expected the name of the secret with the Zoom credentials'),
};

export const openZoomSecret = (config: { zoomSecret: string }) => zoomSecretFrom(secretsManager(), config);

export const zoomSecretFrom = (getSecret: GetSecret, config: { zoomSecret: string }) => {
  const secret = cached(getSecret, config.zoomSecret, readZoomSecret(config.zoomSecret));
  return {
    webhookSecretTokens: async () => (await secret()).webhookSecretTokens,
    /** `afresh`: not those that are kept, since they were refused. */
    credentials: async (how?: { afresh: boolean }) => (await secret(how)).credentials,
  };
};

/** Where mail goes out, for those who do not use SES. */
const smtpSecret = z.object({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(587),
  user: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  /** `required`: TLS from the first byte on port 465, STARTTLS otherwise. `none`: for a relay inside one's own network. */
  tls: z.enum(['required', 'none']).default('required'),
});

export const openSmtpSecret = (secretId: string, getSecret = secretsManager()) =>
  cached(getSecret, secretId, (text) => {
    const server = readJsonSecret(secretId, smtpSecret, text);
    keepOutOfLogs(server.password);
    return server;
  });

/** For a service that speaks Symbl's API. */
const symblSecret = z.object({ appId: z.string().min(1), appSecret: z.string().min(1) });

export const openSymblSecret = (secretId: string, getSecret = secretsManager()) =>
  cached(getSecret, secretId, (text) => {
    const pair = readJsonSecret(secretId, symblSecret, text);
    keepOutOfLogs(pair.appSecret);
    return pair;
  });

/** Key material: generated at deploy, never shown to anybody. */
const generatedSecret = (getSecret: GetSecret, secretId: string) =>
  cached(getSecret, secretId, (text) => {
    if (text.length < 32)
      throw new PermanentError('BAD_CONFIG', `the secret ${secretId} is shorter than 32 characters`);
    keepOutOfLogs(text);
    return text;
  });

/** For sealed attributes. */
export const sealingSecret = generatedSecret;

/** For signed links. */
export const linkSecret = generatedSecret;
