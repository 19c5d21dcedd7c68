import { AwsError } from './aws-error.ts';
import { protocolOf, type Protocol } from './protocol.ts';

/** Why a request's credentials are not accepted. */
export type RefusalKind =
  | 'missing'
  | 'malformed'
  | 'malformed-query'
  | 'unknown-key'
  | 'unknown-token'
  | 'mismatch'
  | 'skewed'
  | 'expired'
  | 'scope'
  | 'unsigned-header';

/** Error name and status by protocol: the services agree on the reasons, and on little else. */
const answers: Record<RefusalKind, Record<Exclude<Protocol, 'rest-json'>, readonly [code: string, status: number]>> = {
  missing: {
    s3: ['AccessDenied', 403],
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
  },
  malformed: {
    s3: ['AuthorizationHeaderMalformed', 400],
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
  },
  'malformed-query': {
    s3: ['AuthorizationQueryParametersError', 400],
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
  },
  'unknown-key': {
    s3: ['InvalidAccessKeyId', 403],
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
  },
  'unknown-token': {
    s3: ['InvalidToken', 400],
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
  },
  mismatch: {
    s3: ['SignatureDoesNotMatch', 403],
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
  skewed: {
    s3: ['RequestTimeTooSkewed', 403],
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
  expired: {
    s3: ['AccessDenied', 403],
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
  scope: {
    s3: ['AuthorizationHeaderMalformed', 400],
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
  'unsigned-header': {
    s3: ['AccessDenied', 403],
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
};

/** The error with which the service of that name refuses credentials. REST JSON has the names of JSON and answers 403. */
export const refusal = (
  service: string,
  kind: RefusalKind,
  message: string,
  members?: Record<string, unknown>,
): AwsError => {
  const protocol = protocolOf(service);
  const [code, status] = answers[kind][protocol === 'rest-json' ? 'json' : protocol];
  return new AwsError(code, message, protocol === 'rest-json' ? 403 : status, members);
};
