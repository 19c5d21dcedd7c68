import { hasBody, receiveXml } from './body.ts';
import { s3Error, notImplemented } from './errors.ts';
import { owner } from './paging.ts';
import type { Reply, S3Request } from './request.ts';
import { need } from './request.ts';
import type { Store } from './store.ts';
import { wholeSecond } from './write-object.ts';
import { answer, childText, element, text } from './xml.ts';

/** us-east-1 is the one region that bucket locations leave out. */
const unnamedRegion = 'us-east-1';

export const checkBucketName = (name: string): void => {
  const wellFormed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  const reserved =
    ['xn--', 'sthree-', 'amzn-s3-demo-'].some((prefix) => name.startsWith(prefix)) ||
    /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (!wellFormed || reserved)
    throw s3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
};

export const listBuckets = (store: Store, { query }: S3Request): Reply => {
  for (const name of ['max-buckets', 'continuation-token', 'prefix', 'bucket-region']) {
    if (query.has(name)) throw notImplemented(`ListBuckets with ${name}`);
  }
  const buckets = store
    .buckets()
    .map(({ name, record }) => element('Bucket', text('Name', name), text('CreationDate', record.created)));
  return { xml: answer('ListAllMyBucketsResult', owner, element('Buckets', ...buckets)) };
};

export const headBucket = (store: Store, request: S3Request, region: string): Reply => {
  store.bucketNamed(need(request.bucket));
  return { headers: { 'x-amz-bucket-region': region } };
};

export const createBucket = async (
  store: Store,
  request: S3Request,
  region: string,
  now: () => Date,
): Promise<Reply> => {
  const name = need(request.bucket);
  checkBucketName(name);
  if (request.headers['x-amz-bucket-object-lock-enabled'] === 'true') throw notImplemented('Object lock');
  if (hasBody(request)) {
    const configuration = await receiveXml(request, 'CreateBucketConfiguration');
    const unknown = configuration.children.find((child) => child.name !== 'LocationConstraint');
    if (unknown) throw notImplemented(`CreateBucket with ${unknown.name}`);
    const location = childText(configuration, 'LocationConstraint');
    if (location !== undefined && (location !== region || location === unnamedRegion)) {
      throw s3Error('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
        LocationConstraint: location,
      });
    }
  }
  // Creating one's own bucket again is an error everywhere but in us-east-1, where it changes nothing.
  if (store.hasBucket(name) && region !== unnamedRegion) {
    throw s3Error(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      {
        BucketName: name,
      },
    );
  }
  if (!store.hasBucket(name)) store.saveBucket(name, { created: wholeSecond(now()), versioning: false });
  return { headers: { location: `/${name}` } };
};

export const deleteBucket = (store: Store, request: S3Request): Reply => {
  store.removeBucket(need(request.bucket));
  return { status: 204 };
};

export const getBucketLocation = (store: Store, request: S3Request, region: string): Reply => {
  store.bucketNamed(need(request.bucket));
  return { xml: answer('LocationConstraint', region === unnamedRegion ? '' : region) };
};

export const getVersioning = (store: Store, request: S3Request): Reply => {
  const { versioning } = store.bucketNamed(need(request.bucket)).record;
  return { xml: answer('VersioningConfiguration', versioning ? text('Status', 'Enabled') : '') };
};

export const putVersioning = async (store: Store, request: S3Request): Promise<Reply> => {
  const configuration = await receiveXml(request, 'VersioningConfiguration');
  const bucket = store.bucketNamed(need(request.bucket));
  const status = childText(configuration, 'Status');
  if (childText(configuration, 'MfaDelete') === 'Enabled') throw notImplemented('MFA delete');
  if (status === 'Suspended') throw notImplemented('Suspended versioning');
  if (status !== 'Enabled') throw s3Error('MalformedXML');
  store.saveBucket(bucket.name, { ...bucket.record, versioning: true });
  return {};
};
