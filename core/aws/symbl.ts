import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { isTrusted, hostRulesConfig, type HostRules } from '../media/hosts.ts';
import { parseJson, restCalls } from '../rest/rest.ts';
import { PermanentError } from '../step/errors.ts';
import { askedRows } from '../symbl/asked-rows.ts';
import { callbackUrlOf } from '../symbl/callback.ts';
import { symblClient, type SymblClient, type SymblHttp } from '../symbl/client.ts';
import { dynamoDb } from './dynamodb.ts';
import { linkSecret, openSymblSecret, secretsManager } from './secrets.ts';

const timeoutMs = 20_000;
/** The words of ten hours, one by one. */
const mostBytes = 64 * 1_048_576;
/** A service that is busy may come for the sound late; as long as the rights of a function last. */
const secondsToFetch = 6 * 3_600;

export const symblConfig = {
  symblUrl: z.url({ protocol: /^https?$/ }),
  symblSecret: z.string().min(1, 'expected the name of a secret with appId and appSecret'),
  ...hostRulesConfig,
};
export const symblCallbackConfig = {
  publicUrl: z.url({ protocol: /^https?$/ }),
  linkSecret: z.string().min(1, 'expected the name of the secret that signs links'),
};

type Config = { symblUrl: string; symblSecret: string } & Pick<HostRules, 'trustedOrigins'>;

export const openSymbl = ({ symblUrl, symblSecret, trustedOrigins }: Config): SymblClient => {
  const baseUrl = symblUrl.replace(/\/+$/, '');
  if (new URL(baseUrl).protocol !== 'https:' && !isTrusted(new URL(baseUrl), { trustedOrigins }))
    throw new PermanentError('BAD_CONFIG', 'SYMBL_URL is not https');
  const secret = openSymblSecret(symblSecret);
  return symblClient({ http: symblHttp(), baseUrl, credentials: () => secret(), now: Date.now });
};

export const symblHttp = (): SymblHttp => {
  const service = { name: 'the Symbl-compatible service', tooLong: 'SYMBL_CHANGED' } as const;
  const http = restCalls({ ...service, timeoutMs, mostBytes });
  return async ({ method, url, token, json }) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, data } = await http({ method, url, headers, ...(json && { data: json }) });
    return { status, body: parseJson(data) };
  };
};

export const presignForSymbl =
  ({ archiveBucket: Bucket }: { archiveBucket: string }, client = new S3Client()) =>
  (Key: string): Promise<string> =>
    getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: secondsToFetch });

/** The key that callbacks are proved with: the one of signed links, for another purpose. */
export const openCallbackKey = (secretId: string) => linkSecret(secretsManager(), secretId);

export const callbackFor = ({ publicUrl, linkSecret: id }: { publicUrl: string; linkSecret: string }) => {
  const key = openCallbackKey(id);
  return async (jobId: string): Promise<string> => callbackUrlOf(publicUrl.replace(/\/+$/, ''), jobId, await key());
};

export const askedFor = ({ jobTable }: { jobTable: string }) => askedRows(dynamoDb(), jobTable);
