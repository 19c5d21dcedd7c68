import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openBlobs } from './blobs.ts';
import { s3Error } from './errors.ts';
import { compareKeys, insertKey, removeKey } from './key-order.ts';
import type { Entry, ObjectVersion, OpenUpload, Upload, UploadPart, Version } from './records.ts';
import { isMarker, newId, nullVersion, readRecord, recordFiles, recordName, writeRecord } from './records.ts';

export interface BucketRecord {
  created: string;
  versioning: boolean;
}
export interface Bucket {
  name: string;
  record: BucketRecord;
  blobs: Blobs;
  entries: Map<string, Entry>;
  /** All keys in the order S3 lists them. */
  keys: string[];
  uploads: Map<string, OpenUpload>;
}

const openBucket = (folder: string, name: string): Bucket => {
  const bucket: Bucket = {
    name,
    record: readRecord(join(folder, 'bucket.json')),
    blobs: openBlobs(join(folder, 'data')),
    entries: new Map(),
    keys: [],
    uploads: new Map(),
  };
  const completed = new Set<string>();
  for (const file of recordFiles(join(folder, 'objects'))) {
    const entry = readRecord<Entry>(file);
    bucket.entries.set(entry.key, entry);
    for (const version of entry.versions) {
      if (isMarker(version)) continue;
      bucket.blobs.hold(version.segments);
      if (version.uploadId !== undefined) completed.add(version.uploadId);
    }
  }
  bucket.keys = [...bucket.entries.keys()].sort(compareKeys);
  mkdirSync(join(folder, 'uploads'), { recursive: true });
  for (const id of readdirSync(join(folder, 'uploads'))) {
    const files = recordFiles(join(folder, 'uploads', id));
    const head = files.find((file) => file.endsWith('upload.json'));
    // The process ended between creating the folder and its record, or between completing the upload and removing it.
    if (!head || completed.has(id)) {
      rmSync(join(folder, 'uploads', id), { recursive: true });
      continue;
    }
    const parts = files.filter((file) => file !== head).map((file) => readRecord<UploadPart>(file));
    for (const part of parts) bucket.blobs.hold(part.segments);
    bucket.uploads.set(id, { upload: readRecord(head), parts: new Map(parts.map((part) => [part.number, part])) });
  }
  bucket.blobs.sweep();
  return bucket;
};

/** The whole state of the stand-in: in memory for reading, on disk before any change is acknowledged. */
export const openStore = (folder: string) => {
  mkdirSync(folder, { recursive: true });
  const buckets = new Map<string, Bucket>();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (existsSync(join(path, 'bucket.json'))) buckets.set(name, openBucket(path, name));
    // A bucket whose creation or removal was cut short; its record is written last and removed first.
    else rmSync(path, { recursive: true });
  }

  const bucketNamed = (name: string): Bucket => {
    const bucket = buckets.get(name);
    if (!bucket) throw s3Error('NoSuchBucket', undefined, { BucketName: name });
    return bucket;
  };
  /** After a wait: the bucket may have been removed, and even created anew with other files. */
  const stillThere = (bucket: Bucket): void => {
    if (bucketNamed(bucket.name) !== bucket) throw s3Error('NoSuchBucket', undefined, { BucketName: bucket.name });
  };
  const saveEntry = (bucket: Bucket, key: string, versions: Version[]): void => {
    const file = join(folder, bucket.name, 'objects', recordName(key));
    if (versions.length === 0) {
      rmSync(file, { force: true });
      bucket.entries.delete(key);
      removeKey(bucket.keys, key);
      return;
    }
    const entry: Entry = { key, versions };
    writeRecord(file, entry);
    if (!bucket.entries.has(key)) insertKey(bucket.keys, key);
    bucket.entries.set(key, entry);
  };
  const uploadFolder = (bucket: Bucket, id: string): string => join(folder, bucket.name, 'uploads', id);

  return {
    bucketNamed,
    buckets: (): Bucket[] => [...buckets.values()].sort((a, b) => compareKeys(a.name, b.name)),
    hasBucket: (name: string): boolean => buckets.has(name),

    saveBucket(name: string, record: BucketRecord): void {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      writeRecord(join(path, 'bucket.json'), record);
      const bucket = buckets.get(name);
      if (bucket) bucket.record = record;
      else buckets.set(name, openBucket(path, name));
    },

    removeBucket(name: string): void {
      const { entries, uploads } = bucketNamed(name);
      if (entries.size > 0)
        throw s3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty.', { BucketName: name });
      const path = join(folder, name);
      rmSync(join(path, 'bucket.json'));
      buckets.delete(name);
      uploads.clear();
      rmSync(path, { recursive: true, force: true });
    },

    /** Makes a version the newest of its key; the record takes over the hold on its segments. */
    put<T extends Version>(bucket: Bucket, key: string, given: Omit<T, 'id'>): T {
      stillThere(bucket);
      const { versioning } = bucket.record;
      const version = { ...given, id: versioning ? newId() : nullVersion } as T;
      const before = bucket.entries.get(key)?.versions ?? [];
      const replaced = before.filter(({ id }) => id === version.id);
      saveEntry(bucket, key, [version, ...before.filter(({ id }) => id !== version.id)]);
      for (const old of replaced) if (!isMarker(old)) bucket.blobs.release(old.segments);
      return version;
    },

    /** Changes what is said about a version, never its bytes. */
    amend(bucket: Bucket, key: string, id: string, change: Partial<ObjectVersion>): void {
      const versions = bucket.entries.get(key)?.versions ?? [];
      saveEntry(
        bucket,
        key,
        versions.map((version) => (version.id === id ? { ...version, ...change } : version)),
      );
    },

    /** Removes one version for good. */
    remove(bucket: Bucket, key: string, id: string): Version | undefined {
      const versions = bucket.entries.get(key)?.versions ?? [];
      const removed = versions.find((version) => version.id === id);
      if (!removed) return undefined;
      saveEntry(
        bucket,
        key,
        versions.filter((version) => version !== removed),
      );
      if (!isMarker(removed)) bucket.blobs.release(removed.segments);
      return removed;
    },

    createUpload(bucket: Bucket, given: Omit<Upload, 'id'>): Upload {
      const upload = { ...given, id: newId() };
      mkdirSync(uploadFolder(bucket, upload.id), { recursive: true });
      writeRecord(join(uploadFolder(bucket, upload.id), 'upload.json'), upload);
      bucket.uploads.set(upload.id, { upload, parts: new Map() });
      return upload;
    },

    /** Stores a part, replacing one of the same number; the record takes over the hold on its segments. */
    putPart(bucket: Bucket, { upload, parts }: OpenUpload, part: UploadPart): void {
      writeRecord(join(uploadFolder(bucket, upload.id), `part-${part.number}.json`), part);
      const old = parts.get(part.number);
      parts.set(part.number, part);
      if (old) bucket.blobs.release(old.segments);
    },

    removeUpload(bucket: Bucket, { upload, parts }: OpenUpload): void {
      rmSync(uploadFolder(bucket, upload.id), { recursive: true, force: true });
      bucket.uploads.delete(upload.id);
      for (const part of parts.values()) bucket.blobs.release(part.segments);
    },
  };
};
export type Store = ReturnType<typeof openStore>;
