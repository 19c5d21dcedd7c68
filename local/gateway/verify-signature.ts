import { timingSafeEqual } from 'node:crypto';
import { canonicalRequest, sha256Hex, type WireRequest } from './canonical-request.ts';
import { localCredentials, localRegion } from './credentials.ts';
import { refusal } from './refusal.ts';
import { scopeText, signText, signingKey, type Signature } from './signature.ts';

const algorithm = 'AWS4-HMAC-SHA256';
const largestSkew = 15 * 60_000;

const millisecondsOf = (timestamp: string): number => {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : NaN;
};

const basicFormat = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, '');

const checkTime = ({ service, timestamp, expires }: Signature, now: number): void => {
  const time = millisecondsOf(timestamp);
  if (Number.isNaN(time)) {
    throw refusal(service, 'malformed', `Date must be in ISO-8601 'basic format'. Got '${timestamp}'.`);
  }
  if (expires !== undefined) {
    if (time > now + largestSkew) throw refusal(service, 'expired', 'Request is not valid yet');
    if (time + expires * 1000 < now) {
      throw refusal(service, 'expired', 'Request has expired', {
        'X-Amz-Expires': expires,
        Expires: new Date(time + expires * 1000).toISOString(),
        ServerTime: new Date(now).toISOString(),
      });
    }
  } else if (Math.abs(time - now) > largestSkew) {
    const message =
      service === 's3'
        ? 'The difference between the request time and the current time is too large.'
        : time < now
          ? `Signature expired: ${timestamp} is now earlier than ${basicFormat(now - largestSkew)} (${basicFormat(now)} - 15 min.)`
          : `Signature not yet current: ${timestamp} is still later than ${basicFormat(now + largestSkew)} (${basicFormat(now)} + 15 min.)`;
    throw refusal(service, 'skewed', message);
  }
};

const checkScope = ({ service, accessKeyId, securityToken, region, terminator, date, timestamp }: Signature): void => {
  if (accessKeyId !== localCredentials.accessKeyId) {
    const message =
      service === 's3'
        ? 'The AWS Access Key Id you provided does not exist in our records.'
        : 'The security token included in the request is invalid.';
    throw refusal(service, 'unknown-key', message, service === 's3' ? { AWSAccessKeyId: accessKeyId } : {});
  }
  if (securityToken !== undefined) {
    throw refusal(service, 'unknown-token', 'The security token included in the request is invalid.');
  }
  if (region !== localRegion) {
    const message =
      service === 's3'
        ? `The authorization header is malformed; the region '${region}' is wrong; expecting '${localRegion}'`
        : `Credential should be scoped to a valid region, not '${region}'.`;
    throw refusal(service, 'scope', message, service === 's3' ? { Region: localRegion } : {});
  }
  if (terminator !== 'aws4_request') {
    throw refusal(
      service,
      'scope',
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`,
    );
  }
  if (date !== timestamp.slice(0, 8)) {
    throw refusal(
      service,
      'scope',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}'.`,
    );
  }
};

/** Host and every x-amz- header must be signed, else whoever carries the request could add to it. */
const checkSignedHeaders = (request: WireRequest, { service, signedHeaders }: Signature): void => {
  if (!signedHeaders.includes('host')) {
    throw refusal(service, 'mismatch', "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const unsigned = request.rawHeaders
    .filter((_, at) => at % 2 === 0)
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name));
  if (unsigned.length > 0) {
    throw refusal(service, 'unsigned-header', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  }
};

const mismatchText =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';

/** What the signature must be for the holder of a secret. */
export const expectedSignature = (
  request: WireRequest,
  signature: Signature,
  payloadHash: string,
  secretAccessKey: string,
) => {
  const canonical = canonicalRequest(request, signature.service, signature.signedHeaders, payloadHash);
  const stringToSign = [algorithm, signature.timestamp, scopeText(signature), sha256Hex(canonical)].join('\n');
  return { canonical, stringToSign, expected: signText(signingKey(secretAccessKey, signature), stringToSign) };
};

/**
 * Refuses a request whose signature is not that of the local credentials, or that is too old. `body` is undefined for
 * S3, whose bodies are streamed: there the declared hash is signed, and S3 itself compares it with the bytes.
 */
export const verifySignature = (
  request: WireRequest,
  signature: Signature,
  body: Uint8Array | undefined,
  now: number,
): void => {
  const { service } = signature;
  checkScope(signature);
  checkTime(signature, now);
  checkSignedHeaders(request, signature);
  const payloadHash = body
    ? sha256Hex(body)
    : (signature.payloadHash ?? (signature.expires === undefined ? undefined : 'UNSIGNED-PAYLOAD'));
  if (payloadHash === undefined) {
    throw refusal('s3', 'malformed', 'Missing required header for this request: x-amz-content-sha256');
  }
  const { canonical, stringToSign, expected } = expectedSignature(
    request,
    signature,
    payloadHash,
    localCredentials.secretAccessKey,
  );
  const given = Buffer.from(signature.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw refusal(
      service,
      'mismatch',
      mismatchText,
      service === 's3' ? { StringToSign: stringToSign, CanonicalRequest: canonical } : {},
    );
  }
};
