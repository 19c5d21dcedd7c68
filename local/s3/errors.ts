import { AwsError } from '../gateway/aws-error.ts';
import { document, element, text } from './xml.ts';

/** Codes with another status than 400. */
const statuses: Record<string, number> = {
  AccessDenied: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  MethodNotAllowed: 405,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  MissingContentLength: 411,
  PreconditionFailed: 412,
  InvalidRange: 416,
  InternalError: 500,
  NotImplemented: 501,
};

/** The sentences of the errors that are thrown in more than one place. */
const sentences: Record<string, string> = {
  BadDigest: 'The Content-MD5 you specified did not match what we received.',
  EntityTooLarge: 'Your proposed upload exceeds the maximum allowed size',
  IncompleteBody: 'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  InternalError: 'We encountered an internal error. Please try again.',
  InvalidPart:
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  InvalidPartOrder:
    'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
  InvalidRange: 'The requested range is not satisfiable',
  InvalidURI: "Couldn't parse the specified URI.",
  KeyTooLongError: 'Your key is too long',
  MalformedTrailerError:
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  MalformedXML: 'The XML you provided was not well-formed or did not validate against our published schema',
  MethodNotAllowed: 'The specified method is not allowed against this resource.',
  MissingContentLength: 'You must provide the Content-Length HTTP header.',
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchKey: 'The specified key does not exist.',
  NoSuchUpload:
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  NoSuchVersion: 'The specified version does not exist.',
  PreconditionFailed: 'At least one of the pre-conditions you specified did not hold',
};

/** An error of S3 by its code; `members` become elements of the answer beside Code and Message. */
export const s3Error = (code: string, message?: string, members: Record<string, unknown> = {}): AwsError =>
  new AwsError(code, message ?? sentences[code] ?? code, statuses[code] ?? 400, members);

/** What S3 can do and this stand-in cannot: refused with the name of the thing. */
export const notImplemented = (what: string): AwsError =>
  s3Error('NotImplemented', `${what} is not supported by the local cloud.`);

export const errorDocument = (error: AwsError, resource: string, requestId: string): string =>
  document(
    element(
      'Error',
      text('Code', error.code),
      text('Message', error.message),
      ...Object.entries(error.members).map(([name, value]) => text(name, String(value))),
      text('Resource', resource),
      text('RequestId', requestId),
      text('HostId', 'local'),
    ),
  );
