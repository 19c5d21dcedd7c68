import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Segment } from './blobs.ts';
import type { Checksum, ChecksumName, ChecksumType } from './checksum.ts';

/** What a client says about an object and gets back with it. */
export interface Attributes {
  /** System headers such as content-type, by lower-case name. */
  headers: Record<string, string>;
  /** User metadata, by name without `x-amz-meta-`. */
  metadata: Record<string, string>;
  tags: Record<string, string>;
}

export interface StoredPart {
  number: number;
  size: number;
  etag: string;
  checksum: string;
}

export interface ObjectVersion extends Attributes {
  id: string;
  modified: string;
  size: number;
  etag: string;
  checksum: Checksum;
  segments: Segment[];
  /** Only of objects that came by a multipart upload. */
  parts?: StoredPart[];
  uploadId?: string;
}
export interface DeleteMarker {
  id: string;
  modified: string;
  deleteMarker: true;
}
export type Version = ObjectVersion | DeleteMarker;
export const isMarker = (version: Version): version is DeleteMarker => 'deleteMarker' in version;

/** All versions of one key, the newest first; exactly one where the bucket is not versioned. */
export interface Entry {
  key: string;
  versions: Version[];
}

export interface UploadPart extends StoredPart {
  modified: string;
  segments: Segment[];
}
export interface Upload extends Attributes {
  id: string;
  key: string;
  created: string;
  checksum: {
    name: ChecksumName;
    type: ChecksumType; /** False when S3 chose it because the client named none. */
    asked: boolean;
  };
}
export interface OpenUpload {
  upload: Upload;
  parts: Map<number, UploadPart>;
}

/** The version id of everything that was stored while the bucket was not versioned. */
export const nullVersion = 'null';
export const newId = (): string => randomUUID().replaceAll('-', '');

export const readRecord = <T>(path: string): T => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw new Error(`The S3 record ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/**
 * Records are written synchronously: between the check of a precondition and the rename nothing else runs, so conditional
 * writes need no locks. A rename replaces the old record as a whole, so a killed process leaves the old or the new one.
 */
export const writeRecord = (path: string, record: unknown): void => {
  writeFileSync(`${path}.tmp`, JSON.stringify(record));
  renameSync(`${path}.tmp`, path);
};

export const recordFiles = (folder: string): string[] => {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
};

/** Keys are hashed: any of them becomes one short name that every file system takes, whatever it contains. */
export const recordName = (key: string): string => `${createHash('sha256').update(key).digest('hex')}.json`;
