import { PermanentError, TransientError } from '../step/errors.ts';
import { readerOf, type Body } from './reader.ts';
import { crc32Of, crc32Text, joinCrc32 } from './crc32.ts';
import { growingPart, wholePart, type Part } from './part.ts';

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
  /** May begin before the part has come, and fails with it. */
  uploadPart(key: string, uploadId: string, part: Part, signal: AbortSignal): Promise<{ etag: string }>;
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
/** So many are taken at once: they are still in the processor's cache when the checksum and the sender read them. */
const stepBytes = 524_288;
const maxParts = 10_000;
const maxPartBytes = 5 * 1_024 * MiB;
/**
 * All the memory a copy takes: one part that arrives and is sent, and one whose answer is waited for. Where the length
 * is not known a part is sent when it is there, and a third is filled meanwhile.
 */
const partsInFlight = 2;
/** Where no length is known the parts double each time so many were sent: 10,000 then hold 1.9 TiB. */
const partsPerDoubling = 2_000;

/** Size of the part with this number (from 1). */
export const partSizeFor = (number: number, length: number | undefined, smallest = smallestPart): number => {
  if (length === undefined) return smallest * 2 ** Math.floor((number - 1) / partsPerDoubling);
  const needed = Math.ceil(length / maxParts / MiB) * MiB;
  return Math.max(smallest, Math.min(needed, maxPartBytes));
};

type Sender = {
  readonly key: string;
  /** Asked once, before the first part. */
  readonly openUpload: () => Promise<string>;
  readonly onPart?: ((part: ListedPart) => Promise<unknown> | void) | undefined;
};

/** Sends parts of one upload, `partsInFlight` at a time. */
const partSender = (target: Target, { key, openUpload, onPart }: Sender, signal: AbortSignal) => {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const inFlight = new Set<Promise<void>>();
  const parts: ListedPart[] = [];
  let uploadId: string | undefined;

  return {
    /** Resolves when there is room for one more. */
    room: async (): Promise<void> => {
      while (inFlight.size >= partsInFlight) await Promise.race(inFlight);
    },
    /** Returns as soon as the part is on its way; its bytes may still have to come. */
    send: async (part: Part, whenSent?: () => void): Promise<void> => {
      const { number, length } = part;
      if (number > maxParts) throw new PermanentError('FILE_NOT_AS_EXPECTED', `longer than ${maxParts} parts can hold`);
      const id = (uploadId ??= await openUpload());
      const upload = async (): Promise<void> => {
        const { etag } = await target.uploadPart(key, id, part, stop);
        const sent = { number, etag, bytes: length, crc32: part.crc32() };
        parts.push(sent);
        await onPart?.(sent);
        inFlight.delete(sending);
        whenSent?.();
      };
      const sending: Promise<void> = upload();
      // Whoever waits next sees the failure; until then it must not count as unhandled.
      sending.catch(() => undefined);
      inFlight.add(sending);
    },
    allSent: async (): Promise<readonly ListedPart[]> => {
      await Promise.all(inFlight);
      return parts.sort((a, b) => a.number - b.number);
    },
    /** Returns when the last part has settled: later it would outlive an abort of the upload and be paid for. */
    giveUp: async (): Promise<void> => {
      failed.abort();
      await Promise.allSettled(inFlight);
    },
  };
};

type Cut = {
  readonly firstPart: number;
  readonly sizeOf: (part: number) => number;
  /** What the transport promised; anything else is an error. */
  readonly length: number | undefined;
  /** Whether a body that is no longer than its first part is left to the caller. */
  readonly leaveSingle?: boolean;
};
type Cutting = { readonly bytes: number; readonly crc: number; readonly single?: Buffer };

/**
 * Cuts a body into parts and sends them. Where its length is known, each is sent while it arrives; otherwise when it
 * is there and a further byte has come, since what fits into a single part needs no upload. Buffers go round, so that
 * memory does not grow with the body.
 */
const sendInParts = async (
  body: Body,
  { firstPart, sizeOf, length, leaveSingle = false }: Cut,
  { room, send }: ReturnType<typeof partSender>,
  signal: AbortSignal,
): Promise<Cutting> => {
  const spare: Buffer[] = [];
  const bufferOf = (size: number): Buffer => {
    const reused = spare.pop();
    return reused && reused.length >= size ? reused : Buffer.allocUnsafeSlow(size);
  };
  const further = Buffer.alloc(1);
  const reader = readerOf(body);
  let arriving: ReturnType<typeof growingPart> | undefined;
  let whole = 0;
  try {
    // `ahead` is what was read of this part to know that there is one, `bytes` all that is in the parts before it.
    for (let number = firstPart, bytes = 0, ahead = 0; ; number += 1) {
      // Most files are far shorter than a part.
      const size = Math.min(sizeOf(number), length === undefined ? Infinity : length - bytes);
      const isSingle = leaveSingle && number === firstPart && size === length;
      const isSentEarly = length !== undefined && !isSingle;
      if (isSentEarly) await room();
      const buffer = bufferOf(size);
      const part = (arriving = growingPart(number, buffer.subarray(0, size)));
      if (isSentEarly) await send(part, () => spare.push(buffer));

      further.copy(buffer, 0, 0, ahead);
      let filled = ahead;
      let crc = crc32Of(buffer.subarray(0, filled));
      while (filled < size) {
        signal.throwIfAborted();
        const step = Math.min(filled + stepBytes, size);
        const until = await reader.fill(buffer.subarray(0, step), filled);
        crc = crc32Of(buffer.subarray(filled, until), crc);
        filled = until;
        if (filled < step) break;
        part.grow(filled, crc);
      }
      bytes += filled;
      whole = joinCrc32(whole, crc, filled);
      if (filled < size && length !== undefined) throw new TransientError(`${bytes} of ${length} promised bytes came`);
      const isDue = length !== undefined && bytes < length;
      ahead = filled < size || isDue ? 0 : await reader.fill(further, 0);
      if (ahead > 0 && bytes === length) throw new TransientError(`more than the ${length} promised bytes came`);
      const isMore = isDue || ahead > 0;
      const isLeft = leaveSingle && number === firstPart && !isMore;
      if (isLeft) return { bytes, crc: whole, single: buffer.subarray(0, filled) };
      if (!isSentEarly) {
        await room();
        await send(wholePart(number, buffer.subarray(0, filled), crc), () => spare.push(buffer));
      }
      if (!isMore) return { bytes, crc: whole };
    }
  } catch (error) {
    // What is on its way would wait for bytes that do not come.
    arriving?.fail(error);
    throw error;
  } finally {
    await reader.close();
  }
};

/**
 * Streams a body into one object. What fits into a single part becomes one PUT; anything longer a multipart upload,
 * abandoned on every way out but success. Memory is two or three parts, whatever the length.
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
  const sender = partSender(target, { key, openUpload }, signal);
  try {
    const { bytes, crc, single } = await sendInParts(
      body,
      { firstPart: 1, sizeOf, length, leaveSingle: true },
      sender,
      signal,
    );
    const crc32 = crc32Text(crc);
    if (single) await target.put(key, single, { ...about, crc32 }, signal);
    else await target.completeUpload(key, uploadId ?? '', await sender.allSent(), crc32, signal);
    return { bytes, crc32 };
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
  const sender = partSender(target, { key, openUpload: async () => uploadId, onPart }, signal);
  try {
    const { bytes, crc } = await sendInParts(body, { firstPart, sizeOf: () => partBytes, length }, sender, signal);
    return { bytes, crc32: crc32Text(crc), parts: await sender.allSent() };
  } catch (error) {
    await sender.giveUp();
    throw error;
  }
};
