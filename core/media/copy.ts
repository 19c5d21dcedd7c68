import { PermanentError, TransientError } from '../step/errors.ts';
import { readerOf, type Body } from './reader.ts';
import { crc32Of, crc32Text, joinCrc32 } from './crc32.ts';

export type ObjectHead = {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
};
export type UploadedPart = { readonly number: number; readonly etag: string; readonly crc32: string };
/** A part as the bucket lists it: the only progress that survives a worker. */
export type ListedPart = UploadedPart & { readonly bytes: number };

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
  /** In the order of their numbers; undefined where there is no such upload. */
  listParts(key: string, uploadId: string, signal: AbortSignal): Promise<ListedPart[] | undefined>;
  /** May be repeated: an upload that is gone counts as completed where the object has this checksum. */
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
/** So many are taken at once: they are still in the processor's cache when the checksum reads them. */
const stepBytes = 262_144;
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

/** What becomes a part. */
type Piece = { readonly number: number; readonly bytes: Buffer; readonly crc: number };

type Sender = {
  readonly key: string;
  /** Asked once, before the first part. */
  readonly openUpload: () => Promise<string>;
  readonly onPart?: ((part: ListedPart) => Promise<unknown> | void) | undefined;
};

/** Sends parts of one upload in turn, `partsInFlight` at a time. */
const sendParts = (target: Target, { key, openUpload, onPart }: Sender, signal: AbortSignal) => {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const inFlight = new Set<Promise<void>>();
  const parts: ListedPart[] = [];
  let uploadId: string | undefined;
  let whole = 0;

  const send = async ({ number, bytes, crc }: Piece, whenSent?: () => void): Promise<void> => {
    if (number > maxParts) throw new PermanentError('FILE_NOT_AS_EXPECTED', `longer than ${maxParts} parts can hold`);
    const id = (uploadId ??= await openUpload());
    while (inFlight.size >= partsInFlight) await Promise.race(inFlight);
    whole = joinCrc32(whole, crc, bytes.length);
    const part = { number, crc32: crc32Text(crc) };
    const upload = async (): Promise<void> => {
      const { etag } = await target.uploadPart(key, id, { ...part, bytes }, stop);
      const sent = { ...part, etag, bytes: bytes.length };
      parts.push(sent);
      await onPart?.(sent);
      inFlight.delete(sending);
      whenSent?.();
    };
    const sending: Promise<void> = upload();
    // Whoever waits next sees the failure; until then it must not count as unhandled.
    sending.catch(() => undefined);
    inFlight.add(sending);
  };

  const allSent = async (): Promise<{ parts: readonly ListedPart[]; crc32: string }> => {
    await Promise.all(inFlight);
    parts.sort((a, b) => a.number - b.number);
    return { parts, crc32: crc32Text(whole) };
  };

  /** Returns when the last part has settled: later it would outlive an abort of the upload and be paid for. */
  const giveUp = async (): Promise<void> => {
    failed.abort();
    await Promise.allSettled(inFlight);
  };

  return { send, allSent, giveUp };
};

type Cut = {
  readonly firstPart: number;
  readonly sizeOf: (part: number) => number;
  /** What the transport promised; anything else is an error. */
  readonly length: number | undefined;
};
type Send = ReturnType<typeof sendParts>['send'];
type Rest = Piece & { readonly total: number };

/**
 * Cuts a body into parts and sends all but the last: a part is known not to be it when a further byte has come, and
 * what fits into a single part needs no upload. Buffers go round, so that memory does not grow with the body.
 */
const cutIntoParts = async (
  body: Body,
  { firstPart, sizeOf, length }: Cut,
  send: Send,
  signal: AbortSignal,
): Promise<Rest> => {
  const spare: Buffer[] = [];
  const bufferFor = (part: number): Buffer => {
    // Most files are far shorter than a part.
    const size = Math.min(sizeOf(part), length ?? Infinity);
    const reused = spare.pop();
    return reused?.length === size ? reused : Buffer.allocUnsafeSlow(size);
  };
  const further = Buffer.alloc(1);
  const reader = readerOf(body);
  let total = 0;
  try {
    for (let number = firstPart, filled = 0; ; number += 1) {
      const buffer = bufferFor(number);
      further.copy(buffer, 0, 0, filled);
      const end = Math.min(buffer.length, (length ?? Infinity) - total + filled);
      total -= filled;
      let crc = crc32Of(buffer.subarray(0, filled));
      while (filled < end) {
        signal.throwIfAborted();
        const step = Math.min(filled + stepBytes, end);
        const until = await reader.fill(buffer.subarray(0, step), filled);
        crc = crc32Of(buffer.subarray(filled, until), crc);
        filled = until;
        if (filled < step) break;
      }
      total += filled;
      const isMore = filled === end && (await reader.fill(further, 0)) === 1;
      if (isMore) total += 1;
      if (length !== undefined && total > length)
        throw new TransientError(`more than the ${length} promised bytes came`);
      if (!isMore) {
        if (length !== undefined && total !== length)
          throw new TransientError(`${total} of ${length} promised bytes came`);
        return { number, bytes: buffer.subarray(0, filled), crc, total };
      }
      await send({ number, bytes: buffer, crc }, () => spare.push(buffer));
      filled = 1;
    }
  } finally {
    await reader.close();
  }
};

/**
 * Streams a body into one object. What fits into a single part becomes one PUT; anything longer a multipart upload,
 * abandoned on every way out but success. Memory is three parts, whatever the length.
 */
export const copy = async (
  target: Target,
  body: Body,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<{ bytes: number; crc32: string }> => {
  const { key, length, contentType, metadata, tags } = request;
  const about = { contentType, ...(metadata && { metadata }), ...(tags && { tags }) };
  let uploadId: string | undefined;
  const openUpload = async (): Promise<string> => {
    uploadId = await target.createUpload(key, about, signal);
    await request.onUpload?.(uploadId);
    return uploadId;
  };
  const sizeOf = (part: number): number => partSizeFor(part, length ?? request.likelyLength, request.partBytes);
  const sender = sendParts(target, { key, openUpload }, signal);
  try {
    const last = await cutIntoParts(body, { firstPart: 1, sizeOf, length }, sender.send, signal);
    if (last.number === 1) {
      const crc32 = crc32Text(last.crc);
      await target.put(key, last.bytes, { ...about, crc32 }, signal);
      return { bytes: last.total, crc32 };
    }
    await sender.send(last);
    const { parts, crc32 } = await sender.allSent();
    await target.completeUpload(key, uploadId ?? '', parts, crc32, signal);
    return { bytes: last.total, crc32 };
  } catch (error) {
    await sender.giveUp();
    // If this fails too, the bucket's lifecycle rule clears the parts away; the first error is the one to report.
    if (uploadId) await target.abortUpload(key, uploadId).catch(() => undefined);
    throw error;
  }
};

export type RangeRequest = {
  readonly key: string;
  /** An upload that somebody else opened and will complete. */
  readonly uploadId: string;
  /** The S3 part number of the range's first byte. */
  readonly firstPart: number;
  /** The size of every part of the upload but its last. */
  readonly partBytes: number;
  /** First and last byte of the range in the file, as HTTP counts them: both belong to it. */
  readonly from: number;
  readonly to: number;
  /** Hears of each part once the bucket has it, in the order in which they got there. */
  readonly onPart?: ((part: ListedPart) => Promise<unknown> | void) | undefined;
};

/**
 * Streams the bytes of one range into the S3 parts that they are, and neither completes nor aborts the upload, which
 * other workers send to as well. Nothing is skipped: whoever resumes asks for the bytes that are still missing.
 */
export const copyRange = async (
  target: Target,
  body: Body,
  { key, uploadId, firstPart, partBytes, from, to, onPart }: RangeRequest,
  signal: AbortSignal,
): Promise<{ bytes: number; crc32: string; parts: readonly ListedPart[] }> => {
  const length = to - from + 1;
  // A wrong number would put right bytes in the wrong place, where no checksum of a part notices it.
  if (length < 1 || from !== (firstPart - 1) * partBytes)
    throw new PermanentError('BAD_INPUT', `bytes ${from} to ${to} do not begin with part ${firstPart}`);
  const sender = sendParts(target, { key, openUpload: async () => uploadId, onPart }, signal);
  try {
    const last = await cutIntoParts(body, { firstPart, sizeOf: () => partBytes, length }, sender.send, signal);
    await sender.send(last);
    return { bytes: last.total, ...(await sender.allSent()) };
  } catch (error) {
    await sender.giveUp();
    throw error;
  }
};
