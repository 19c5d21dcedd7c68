import { createHmac } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import { headerValues, queryParameters, type WireRequest } from './canonical-request.ts';
import { refusal } from './refusal.ts';

/** What a request says about its own signature; nothing of it is verified yet. */
export interface Signature {
  readonly accessKeyId: string;
  /** YYYYMMDD of the scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** YYYYMMDDTHHMMSSZ. */
  readonly timestamp: string;
  /** Seconds a presigned URL is valid; undefined when the signature is in a header. */
  readonly expires?: number;
  readonly securityToken?: string;
  /** The body's hash as the request declares it, if it does. */
  readonly payloadHash?: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const longestValidity = 7 * 24 * 3600;

/** What S3 says to Signature Version 2, which some clients still choose for presigned URLs. */
const outdated = (): AwsError =>
  new AwsError(
    'InvalidRequest',
    `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
  );

const scopeOf = (
  credential: string,
  guess: string,
): Pick<Signature, 'accessKeyId' | 'date' | 'region' | 'service' | 'terminator'> => {
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || !terminator || rest.length > 0) {
    throw refusal(
      guess,
      'malformed',
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  return { accessKeyId, date, region, service, terminator };
};

const fromHeader = (request: WireRequest, authorization: string, guess: string): Signature => {
  const [scheme, ...rest] = authorization.trim().split(/\s+/);
  if (scheme === 'AWS') throw outdated();
  if (scheme !== algorithm)
    throw refusal(guess, 'malformed', `Unsupported AWS 'algorithm': '${scheme}' (only ${algorithm}).`);
  const parts = new Map(
    rest
      .join('')
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const part = (name: string): string => {
    const value = parts.get(name);
    if (!value) throw refusal(guess, 'malformed', `Authorization header requires '${name}' parameter.`);
    return value;
  };
  const header = (name: string): string | undefined => headerValues(request.rawHeaders, name)[0];
  const scope = scopeOf(part('Credential'), guess);
  const timestamp = header('x-amz-date') ?? header('date');
  if (timestamp === undefined) {
    throw refusal(
      scope.service,
      'malformed',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  const securityToken = header('x-amz-security-token');
  const payloadHash = header('x-amz-content-sha256');
  return {
    ...scope,
    signedHeaders: part('SignedHeaders').split(';'),
    signature: part('Signature'),
    timestamp,
    ...(securityToken !== undefined && { securityToken }),
    ...(payloadHash !== undefined && { payloadHash }),
  };
};

const fromQuery = (request: WireRequest, query: ReadonlyMap<string, string>): Signature => {
  const parameter = (name: string): string => {
    const value = query.get(name);
    if (!value)
      throw refusal('s3', 'malformed-query', `Query-string authentication version 4 requires the ${name} parameter.`);
    return value;
  };
  if (parameter('X-Amz-Algorithm') !== algorithm)
    throw refusal('s3', 'malformed-query', `X-Amz-Algorithm only supports "${algorithm}"`);
  const expires = Number(parameter('X-Amz-Expires'));
  if (!Number.isInteger(expires) || expires < 0)
    throw refusal('s3', 'malformed-query', 'X-Amz-Expires should be a number');
  if (expires > longestValidity)
    throw refusal('s3', 'malformed-query', 'X-Amz-Expires must be less than a week (in seconds) that is 604800');
  const securityToken = query.get('X-Amz-Security-Token');
  const payloadHash = query.get('X-Amz-Content-Sha256') ?? headerValues(request.rawHeaders, 'x-amz-content-sha256')[0];
  return {
    ...scopeOf(parameter('X-Amz-Credential'), 's3'),
    signedHeaders: parameter('X-Amz-SignedHeaders').split(';'),
    signature: parameter('X-Amz-Signature'),
    timestamp: parameter('X-Amz-Date'),
    expires,
    ...(securityToken !== undefined && { securityToken }),
    ...(payloadHash !== undefined && { payloadHash }),
  };
};

/** Reads the signature a request carries, in its Authorization header or, presigned, in its query. */
export const readSignature = (request: WireRequest): Signature => {
  // Which service is meant is not known before its scope is read; only the JSON services name an operation.
  const guess = headerValues(request.rawHeaders, 'x-amz-target').length > 0 ? '' : 's3';
  const authorization = headerValues(request.rawHeaders, 'authorization')[0];
  const query = new Map(queryParameters(request.target));
  const presigned = query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature');
  if (authorization !== undefined && presigned) {
    throw refusal(
      's3',
      'malformed-query',
      'Only one auth mechanism allowed: either the X-Amz-Algorithm query parameter or the Authorization header.',
    );
  }
  if (authorization !== undefined) return fromHeader(request, authorization, guess);
  if (presigned) return fromQuery(request, query);
  if (query.has('AWSAccessKeyId') && query.has('Signature')) throw outdated();
  throw refusal(guess, 'missing', guess === 's3' ? 'Access Denied' : 'Missing Authentication Token');
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The key for one day, region and service; also what S3's signed chunks are verified with. */
export const signingKey = (secretAccessKey: string, scope: Pick<Signature, 'date' | 'region' | 'service'>): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, scope.date), scope.region), scope.service), 'aws4_request');

export const scopeText = ({ date, region, service }: Pick<Signature, 'date' | 'region' | 'service'>): string =>
  `${date}/${region}/${service}/aws4_request`;

export const signText = (key: Buffer, text: string): Buffer => hmac(key, text);
