import { PermanentError, TransientError } from '../step/errors.ts';
import { crc32Of, crc32Text, joinCrc32 } from './crc32.ts';

export type ObjectHead = {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
};
export type UploadedPart = { readonly number: number; readonly etag: string; readonly crc32: string };

/** The bucket, as far as a copy needs it. Every CRC32 is one of full bytes, in base64; `bytes` may be reused after the call. */
export type Target = {
  put(key: string, bytes: Buffer, about: ObjectHead & { crc32: string }, signal: AbortSignal): Promise<void>;
  createUpload(key: string, about: ObjectHead, signal: AbortSignal): Promise<string>;
  uploadPart(
    key: string,
    uploadId: string,
    part: { number: number; bytes: Buffer; crc32: string },
    signal: AbortSignal,
  ): Promise<{ etag: string }>;
  completeUpload(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    crc32: string,
    signal: AbortSignal,
  ): Promise<void>;
  abortUpload(key: string, uploadId: string): Promise<void>;
};

export type CopyRequest = ObjectHead & {
  readonly key: string;
  /** What the transport promised; anything else is an error. */
  readonly length?: number | undefined;
  /** What the plan expects; only the size of the parts is chosen by it. */
  readonly likelyLength?: number | undefined;
  /** Hears of the upload before its first part is sent: whoever comes after a crash needs its id to close it. */
  readonly onUpload?: ((uploadId: string) => Promise<unknown>) | undefined;
  /** The smallest part; tests set it. */
  readonly partBytes?: number;
};

const MiB = 1_048_576;
/** Part requests cost more than the compute that sends them, and every part in flight is memory. */
export const smallestPart = 32 * MiB;
const maxParts = 10_000;
const maxPartBytes = 5 * 1_024 * MiB;
/** With the part being filled, three buffers are all the memory a copy takes. */
const partsInFlight = 2;
/** Where no length is known the parts double each time so many were sent: 10,000 then hold 1.9 TiB. */
const partsPerDoubling = 2_000;

/** Size of the part with this number (from 1). */
export const partSizeFor = (number: number, length: number | undefined, smallest = smallestPart): number => {
  if (length === undefined) return smallest * 2 ** Math.floor((number - 1) / partsPerDoubling);
  const needed = Math.ceil(length / maxParts / MiB) * MiB;
  return Math.max(smallest, Math.min(needed, maxPartBytes));
};

/** The parts of one upload: sent in turn, `partsInFlight` at a time. */
const openMultipart = (target: Target, { key, onUpload }: CopyRequest, about: ObjectHead, signal: AbortSignal) => {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const inFlight = new Set<Promise<void>>();
  const parts: UploadedPart[] = [];
  let uploadId: string | undefined;
  let whole = 0;

  const send = async (number: number, bytes: Buffer, whenSent: () => void): Promise<void> => {
    if (number > maxParts) throw new PermanentError('FILE_NOT_AS_EXPECTED', `longer than ${maxParts} parts can hold`);
    if (uploadId === undefined) {
      uploadId = await target.createUpload(key, about, stop);
      await onUpload?.(uploadId);
    }
    while (inFlight.size >= partsInFlight) await Promise.race(inFlight);
    const crc = crc32Of(bytes);
    whole = joinCrc32(whole, crc, bytes.length);
    const part = { number, crc32: crc32Text(crc) };
    const sending = target.uploadPart(key, uploadId, { ...part, bytes }, stop).then(({ etag }) => {
      parts.push({ ...part, etag });
      inFlight.delete(sending);
      whenSent();
    });
    // Whoever waits next sees the failure; until then it must not count as unhandled.
    sending.catch(() => undefined);
    inFlight.add(sending);
  };

  const complete = async (): Promise<string> => {
    await Promise.all(inFlight);
    parts.sort((a, b) => a.number - b.number);
    await target.completeUpload(key, uploadId ?? '', parts, crc32Text(whole), stop);
    return crc32Text(whole);
  };

  /** Only after the last part has settled, or it would outlive the abort and be paid for. */
  const abandon = async (): Promise<void> => {
    failed.abort();
    await Promise.allSettled(inFlight);
    // If this fails too, the bucket's lifecycle rule clears the parts away; the first error is the one to report.
    if (uploadId) await target.abortUpload(key, uploadId).catch(() => undefined);
  };

  return { send, complete, abandon };
};

/**
 * Streams a body into one object. What fits into a single part becomes one PUT; anything longer a multipart upload,
 * abandoned on every way out but success. Memory is three parts, whatever the length.
 */
export const copy = async (
  target: Target,
  body: AsyncIterable<Buffer>,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<{ bytes: number; crc32: string }> => {
  const { key, length, contentType, metadata, tags } = request;
  const about = { contentType, ...(metadata && { metadata }), ...(tags && { tags }) };
  const upload = openMultipart(target, request, about, signal);
  const spare: Buffer[] = [];
  const bufferFor = (number: number): Buffer => {
    const size = partSizeFor(number, length ?? request.likelyLength, request.partBytes);
    const reused = spare.pop();
    return reused?.length === size ? reused : Buffer.allocUnsafeSlow(size);
  };
  let number = 1;
  let buffer = bufferFor(number);
  let filled = 0;
  let total = 0;

  const flush = async (): Promise<void> => {
    const full = buffer;
    await upload.send(number, full.subarray(0, filled), () => spare.push(full));
    number += 1;
    filled = 0;
  };

  try {
    for await (const chunk of body) {
      signal.throwIfAborted();
      total += chunk.length;
      if (length !== undefined && total > length)
        throw new TransientError(`more than the ${length} promised bytes came`);
      for (let taken = 0; taken < chunk.length;) {
        // Only when a further byte has come: a body that ends with its first part stays a single PUT.
        if (filled === buffer.length) {
          await flush();
          buffer = bufferFor(number);
        }
        const copied = chunk.copy(buffer, filled, taken);
        taken += copied;
        filled += copied;
      }
    }
    if (length !== undefined && total !== length) throw new TransientError(`${total} of ${length} promised bytes came`);
    if (number === 1) {
      const bytes = buffer.subarray(0, filled);
      const crc32 = crc32Text(crc32Of(bytes));
      await target.put(key, bytes, { ...about, crc32 }, signal);
      return { bytes: total, crc32 };
    }
    await flush();
    return { bytes: total, crc32: await upload.complete() };
  } catch (error) {
    await upload.abandon();
    throw error;
  }
};
