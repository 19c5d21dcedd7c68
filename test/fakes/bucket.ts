import { createHash } from 'node:crypto';
import type { ObjectHead, Target, UploadedPart } from '../../core/media/copy.ts';
import { crc32Of, crc32Text } from '../../core/media/crc32.ts';

export type Stored = { bytes: Buffer; about: ObjectHead; crc32: string };

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

type Options = {
  /** Runs before a sent buffer is read: a slow sink, or a fault. */
  beforeRead?: (what: 'put' | 'part', number: number) => Promise<void>;
};

/** A bucket in memory that reads what it was sent as late as it can, verifies checksums, and counts what is open. */
export const fakeBucket = ({ beforeRead = async () => undefined }: Options = {}) => {
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, { key: string; about: ObjectHead; parts: Map<number, Buffer> }>();
  const calls: string[] = [];
  const sizes: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  let uploadCount = 0;

  type Sent = { readonly bytes: Buffer; readonly crc32: string };
  const receive = async (what: 'put' | 'part', number: number, read: () => Promise<Sent> | Sent): Promise<Buffer> => {
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    try {
      await beforeRead(what, number);
      const { bytes, crc32 } = await read();
      if (crc32Text(crc32Of(bytes)) !== crc32) throw new Error('BadDigest');
      return Buffer.from(bytes);
    } finally {
      inFlight -= 1;
    }
  };

  const archive: Target & {
    head: (key: string) => Promise<{ bytes: number; crc32?: string } | undefined>;
    readBytes: (key: string, from: number, length: number) => Promise<Buffer>;
  } = {
    put: async (key, bytes, { crc32, ...about }) => {
      calls.push('put');
      objects.set(key, { bytes: await receive('put', 1, () => ({ bytes, crc32 })), about, crc32 });
    },
    createUpload: async (key, about) => {
      calls.push('createUpload');
      uploadCount += 1;
      const id = `upload-${uploadCount}`;
      uploads.set(id, { key, about, parts: new Map() });
      return id;
    },
    uploadPart: async (_key, uploadId, part) => {
      const { number, length } = part;
      calls.push(`uploadPart ${number}`);
      sizes.push(length);
      const copy = await receive('part', number, async () => {
        let bytes = await part.from(0);
        while (bytes.length < length) bytes = Buffer.concat([bytes, await part.from(bytes.length)]);
        return { bytes, crc32: part.crc32() };
      });
      const upload = uploads.get(uploadId);
      if (!upload) throw new Error('NoSuchUpload');
      upload.parts.set(number, copy);
      return { etag: `"${number}"` };
    },
    listParts: async (_key, uploadId) => {
      const parts = uploads.get(uploadId)?.parts;
      return (
        parts &&
        [...parts]
          .sort(([a], [b]) => a - b)
          .map(([number, bytes]) => ({
            ...{ number, bytes: bytes.length, etag: `"${number}"`, crc32: crc32Text(crc32Of(bytes)) },
          }))
      );
    },
    completeUpload: async (key, uploadId, parts: readonly UploadedPart[], crc32) => {
      calls.push('completeUpload');
      const upload = uploads.get(uploadId);
      if (!upload) {
        if (objects.get(key)?.crc32 === crc32) return;
        throw new Error('NoSuchUpload');
      }
      if (parts.some(({ number }, index) => number !== index + 1)) throw new Error('InvalidPartOrder');
      const bytes = Buffer.concat(parts.map(({ number }) => upload.parts.get(number) ?? Buffer.alloc(0)));
      if (crc32Text(crc32Of(bytes)) !== crc32) throw new Error('BadDigest');
      objects.set(upload.key, { bytes, about: upload.about, crc32 });
      uploads.delete(uploadId);
    },
    abortUpload: async (_key, uploadId) => {
      calls.push('abortUpload');
      if (inFlight > 0) throw new Error('a part was still in flight');
      uploads.delete(uploadId);
    },
    head: async (key) => {
      const object = objects.get(key);
      return object && { bytes: object.bytes.length, crc32: object.crc32 };
    },
    readBytes: async (key, from, length) => objects.get(key)?.bytes.subarray(from, from + length) ?? Buffer.alloc(0),
  };

  return {
    archive,
    objects,
    calls,
    sizes,
    openUploads: () => uploads.size,
    mostInFlight: () => mostInFlight,
    hashOf: (key: string): string | undefined => {
      const object = objects.get(key);
      return object && sha256(object.bytes);
    },
    sha256,
  };
};
