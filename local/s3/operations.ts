import { checkCommonHeaders } from './attributes.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getVersioning,
  headBucket,
  listBuckets,
  putVersioning,
} from './buckets.ts';
import { completeUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { notImplemented, s3Error } from './errors.ts';
import { listObjects, listObjectsV2 } from './list.ts';
import { listParts, listUploads } from './list-uploads.ts';
import { listVersions } from './list-versions.ts';
import { abortUpload, createUpload, uploadPart, uploadPartCopy } from './multipart.ts';
import { readObject } from './read-object.ts';
import type { Reply, S3Request } from './request.ts';
import type { Store } from './store.ts';
import { deleteObject, deleteObjects, deleteTagging, getTagging, putObject, putTagging } from './write-object.ts';

export interface S3Context {
  store: Store;
  region: string;
  now: () => Date;
}
type Operation = (context: S3Context, request: S3Request) => Reply | Promise<Reply>;

/** `METHOD`, or `METHOD parameter` where a parameter of the query selects the operation. */
const onService: Record<string, Operation> = {
  GET: ({ store }, request) => listBuckets(store, request),
};
const onBucket: Record<string, Operation> = {
  GET: ({ store }, request) => listObjects(store, request),
  'GET list-type': ({ store }, request) => listObjectsV2(store, request),
  'GET location': ({ store, region }, request) => getBucketLocation(store, request, region),
  'GET uploads': ({ store }, request) => listUploads(store, request),
  'GET versioning': ({ store }, request) => getVersioning(store, request),
  'GET versions': ({ store }, request) => listVersions(store, request),
  HEAD: ({ store, region }, request) => headBucket(store, request, region),
  PUT: ({ store, region, now }, request) => createBucket(store, request, region, now),
  'PUT versioning': ({ store }, request) => putVersioning(store, request),
  'POST delete': ({ store, now }, request) => deleteObjects(store, request, now),
  DELETE: ({ store }, request) => deleteBucket(store, request),
};
const onObject: Record<string, Operation> = {
  GET: ({ store }, request) => readObject(store, request),
  'GET tagging': ({ store }, request) => getTagging(store, request),
  'GET uploadId': ({ store }, request) => listParts(store, request),
  HEAD: ({ store }, request) => readObject(store, request),
  PUT: ({ store, now }, request) => (isCopy(request) ? copyObject : putObject)(store, request, now),
  'PUT tagging': ({ store }, request) => putTagging(store, request),
  'PUT uploadId': ({ store, now }, request) => (isCopy(request) ? uploadPartCopy : uploadPart)(store, request, now),
  'POST uploads': ({ store, now }, request) => createUpload(store, request, now),
  'POST uploadId': ({ store, now }, request) => completeUpload(store, request, now),
  DELETE: ({ store, now }, request) => deleteObject(store, request, now),
  'DELETE tagging': ({ store }, request) => deleteTagging(store, request),
  'DELETE uploadId': ({ store }, request) => abortUpload(store, request),
};
const isCopy = ({ headers }: S3Request): boolean => headers['x-amz-copy-source'] !== undefined;

/** Parameters that select an operation of S3, whether it is here or not. Others are ignored, as S3 does. */
const selectors = new Set(
  [
    'abac,accelerate,acl,analytics,attributes,cors,delete,encryption,intelligent-tiering,inventory,legal-hold,lifecycle,list-type',
    'location,logging,metadataConfiguration,metadataTable,metrics,notification,object-lock,ownershipControls,policy,policyStatus',
    'publicAccessBlock,renameObject,replication,requestPayment,restore,retention,select,session,tagging,torrent,uploadId,uploads',
    'versioning,versions,website',
  ].flatMap((line) => line.split(',')),
);

export const perform = async (context: S3Context, request: S3Request): Promise<Reply> => {
  checkCommonHeaders(request);
  const { bucket, key, method, query, headers } = request;
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-source-')) throw notImplemented(`The header ${name}`);
  }
  const selector = [...query.keys()].find((name) => selectors.has(name));
  const [table, resource] =
    bucket === undefined
      ? [onService, 'the service']
      : key === undefined
        ? [onBucket, 'a bucket']
        : [onObject, 'an object'];
  if (key !== undefined && bucket === undefined)
    throw s3Error('InvalidBucketName', 'The specified bucket is not valid.');
  const operation = table[selector === undefined ? method : `${method} ${selector}`];
  if (operation) return operation(context, request);
  if (selector === undefined && ['POST', 'PATCH', 'OPTIONS'].includes(method) === false)
    throw s3Error('MethodNotAllowed');
  throw notImplemented(`${method} ${selector === undefined ? '' : `?${selector} `}on ${resource}`);
};
