import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { copy, copyRange, partSizeFor, smallestPart } from '../../../core/media/copy.ts';
import { crc32Of, crc32Text } from '../../../core/media/crc32.ts';
import { takeFirst } from '../../../core/media/first-bytes.ts';
import { piecesOf, readerOf } from '../../../core/media/reader.ts';
import { openDownload } from '../../../core/media/open-download.ts';
import { fakeBucket } from '../../fakes/bucket.ts';
import { fileOrigin } from '../../fakes/origin.ts';

const signal = new AbortController().signal;
const request = { key: 'a/b.mp4', contentType: 'video/mp4', partBytes: 1_000 };

/** Gives the bytes in uneven pieces, and overwrites each piece once the next one is asked for. */
async function* inPieces(bytes: Buffer, size = 317): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(piece, 0, at, at + size);
    yield piece.subarray(0, length);
    piece.fill(0xee);
  }
}

async function* failing(bytes: Buffer, error: Error): AsyncGenerator<Buffer> {
  yield* inPieces(bytes);
  throw error;
}

describe('copying a body into the archive', () => {
  test.each([0, 1, 999, 1_000])('%d bytes that fit into one part are one PUT', async (length) => {
    const bucket = fakeBucket();
    const bytes = randomBytes(length);
    const result = await copy(bucket.archive, inPieces(bytes), { ...request, length }, signal);
    expect(bucket.calls).toEqual(['put']);
    expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
    expect(result).toEqual({ bytes: length, crc32: crc32Text(crc32Of(bytes)) });
    expect(bucket.objects.get(request.key)?.about).toEqual({ contentType: 'video/mp4' });
  });

  test('a file shorter than a part takes no more memory than its length', async () => {
    const taken: number[] = [];
    const put = async (_key: string, { buffer }: Buffer): Promise<void> => void taken.push(buffer.byteLength);
    const wholeParts = { ...request, partBytes: smallestPart, length: 500 };
    await copy({ ...fakeBucket().archive, put }, inPieces(randomBytes(500)), wholeParts, signal);
    expect(taken).toEqual([500]);
  });

  test.each([1_001, 2_000, 12_345])('%d bytes arrive unchanged through a slow sink', async (length) => {
    const bucket = fakeBucket({
      // Later parts finish first, and every one is read long after it was handed over.
      beforeRead: async (_what, number) => {
        for (let turn = 0; turn < (number % 2 === 1 ? 40 : 10); turn += 1) await nextTurn();
      },
    });
    const bytes = randomBytes(length);
    const result = await copy(bucket.archive, inPieces(bytes), request, signal);
    expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
    expect(result).toEqual({ bytes: length, crc32: crc32Text(crc32Of(bytes)) });
    expect(bucket.mostInFlight()).toBeLessThanOrEqual(2);
    expect(bucket.sizes.slice(0, -1).every((size) => size === 1_000)).toBe(true);
    expect(bucket.openUploads()).toBe(0);
  });

  test('an upload is told of before its first part is sent', async () => {
    const bucket = fakeBucket();
    const onUpload = async (id: string): Promise<void> => void bucket.calls.push(`told of ${id}`);
    await copy(bucket.archive, inPieces(randomBytes(1_500)), { ...request, onUpload }, signal);
    expect(bucket.calls.slice(0, 3)).toEqual(['createUpload', 'told of upload-1', 'uploadPart 1']);
  });

  test('bytes from a socket arrive unchanged through a slow sink', async () => {
    const bytes = randomBytes(4_000_000);
    const origin = await fileOrigin((_request, response) => response.end(bytes));
    try {
      const bucket = fakeBucket({
        beforeRead: async (_what, number) => {
          for (let turn = 0; turn < 30 * (1 + (number % 3)); turn += 1) await nextTurn();
        },
      });
      const download = await openDownload({ url: origin.url }, { trustedOrigins: [origin.url] }, signal);
      const parts = { ...request, partBytes: 300_000, length: download.length };
      await copy(bucket.archive, download.body, parts, signal);
      expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
      expect(bucket.mostInFlight()).toBe(2);
    } finally {
      await origin.close();
    }
  });

  test('a piece larger than several parts is divided', async () => {
    const bucket = fakeBucket();
    const bytes = randomBytes(5_500);
    await copy(bucket.archive, inPieces(bytes, 5_500), request, signal);
    expect(bucket.sizes).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 500]);
    expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
  });

  test.each([
    ['less', 500, 600, '500 of 600 promised bytes'],
    ['less', 5_000, 6_000, '5000 of 6000 promised bytes'],
    ['more', 500, 400, 'more than the 400'],
    ['more', 5_000, 4_000, 'more than the 4000'],
  ])('%s than the transport promised leaves nothing behind (%d for %d)', async (_what, sent, length, message) => {
    const bucket = fakeBucket();
    const copying = copy(bucket.archive, inPieces(randomBytes(sent)), { ...request, length }, signal);
    await expect(copying).rejects.toMatchObject({
      name: 'TransientError',
      message: expect.stringContaining(message),
    });
    expect(bucket.objects.size).toBe(0);
    expect(bucket.openUploads()).toBe(0);
  });

  test('a source that breaks off in the middle aborts the upload', async () => {
    const bucket = fakeBucket();
    const copying = copy(bucket.archive, failing(randomBytes(3_500), new Error('reset')), request, signal);
    await expect(copying).rejects.toThrow('reset');
    expect(bucket.calls.at(-1)).toBe('abortUpload');
    expect(bucket.openUploads()).toBe(0);
  });

  test('a part that the archive refuses aborts the upload, after the other parts have settled', async () => {
    const bucket = fakeBucket({
      beforeRead: async (_what, number) => {
        if (number === 2) throw new Error('SlowDown');
        for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      },
    });
    const copying = copy(bucket.archive, inPieces(randomBytes(9_000)), request, signal);
    await expect(copying).rejects.toThrow('SlowDown');
    expect(bucket.calls.at(-1)).toBe('abortUpload');
    expect(bucket.openUploads()).toBe(0);
  });

  test('the source is closed when the archive fails', async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(1_000);
      } finally {
        isClosed = true;
      }
    }
    const bucket = fakeBucket({
      beforeRead: async () => {
        throw new Error('AccessDenied');
      },
    });
    await expect(copy(bucket.archive, source(), request, signal)).rejects.toThrow('AccessDenied');
    expect(isClosed).toBe(true);
  });

  test('an abort in the middle stops the copy and clears the parts away', async () => {
    const stop = new AbortController();
    const bucket = fakeBucket({
      beforeRead: async (_what, number) => {
        if (number === 3) stop.abort();
      },
    });
    await expect(copy(bucket.archive, inPieces(randomBytes(20_000)), request, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(bucket.openUploads()).toBe(0);
    expect(bucket.objects.size).toBe(0);
  });
});

describe('copying a range into the parts that it is', () => {
  const bytes = randomBytes(9_500);
  const rangeOf = async (bucket: ReturnType<typeof fakeBucket>, from: number, to: number, partBytes = 1_000) => {
    const uploadId = await bucket.archive.createUpload(request.key, { contentType: 'video/mp4' }, signal);
    return { key: request.key, uploadId, firstPart: from / partBytes + 1, partBytes, from, to };
  };

  test.each([
    [0, 9_499, 10],
    [3_000, 4_999, 2],
    [3_000, 4_998, 2],
    [9_000, 9_499, 1],
    [9_000, 9_000, 1],
  ])('bytes %d to %d are %d parts', async (from, to, count) => {
    const bucket = fakeBucket();
    const range = await rangeOf(bucket, from, to);
    const heard: number[] = [];
    const wanted = bytes.subarray(from, to + 1);
    const onPart = ({ number }: { number: number }): void => void heard.push(number);
    const result = await copyRange(bucket.archive, inPieces(wanted), { ...range, onPart }, signal);
    const numbers = Array.from({ length: count }, (_one, index) => range.firstPart + index);
    expect([...heard].sort((a, b) => a - b)).toEqual(numbers);
    expect(result).toMatchObject({ bytes: wanted.length, crc32: crc32Text(crc32Of(wanted)) });
    expect(await bucket.archive.listParts(request.key, range.uploadId, signal)).toEqual(result.parts);
    expect(result.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(wanted.length);
    expect(bucket.calls).not.toContain('completeUpload');
    expect(bucket.mostInFlight()).toBeLessThanOrEqual(2);
  });

  test('several workers make one object of it, in whatever order', async () => {
    const bucket = fakeBucket({
      beforeRead: async (_what, number) => {
        for (let turn = 0; turn < (number * 7) % 20; turn += 1) await nextTurn();
      },
    });
    const whole = await rangeOf(bucket, 0, 9_499);
    const shares = [
      { ...whole, firstPart: 8, from: 7_000 },
      { ...whole, to: 3_999 },
      { ...whole, firstPart: 5, from: 4_000, to: 6_999 },
    ];
    await Promise.all(
      shares.map((share) =>
        copyRange(bucket.archive, inPieces(bytes.subarray(share.from, share.to + 1)), share, signal),
      ),
    );
    const parts = (await bucket.archive.listParts(request.key, whole.uploadId, signal)) ?? [];
    await bucket.archive.completeUpload(request.key, whole.uploadId, parts, crc32Text(crc32Of(bytes)), signal);
    expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
  });

  test.each([
    [2_000, '1999 of 2000 promised bytes'],
    [1_998, 'more than the 1998 promised bytes'],
  ])('of %d bytes fails on another length, and leaves the upload to the others', async (length, message) => {
    const bucket = fakeBucket();
    const range = await rangeOf(bucket, 0, length - 1);
    const copying = copyRange(bucket.archive, inPieces(bytes.subarray(0, 1_999)), range, signal);
    await expect(copying).rejects.toMatchObject({ name: 'TransientError', message: expect.stringContaining(message) });
    expect(bucket.calls).not.toContain('abortUpload');
    expect(bucket.openUploads()).toBe(1);
  });

  test('never puts bytes into a part where they do not belong', async () => {
    const bucket = fakeBucket();
    const range = await rangeOf(bucket, 2_000, 2_999);
    const copying = copyRange(bucket.archive, inPieces(bytes), { ...range, firstPart: 2 }, signal);
    await expect(copying).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(bucket.sizes).toEqual([]);
  });

  test('stops when the bucket refuses a part, and returns once the other ones have settled', async () => {
    const bucket = fakeBucket({
      beforeRead: async (_what, number) => {
        if (number === 2) throw new Error('NoSuchUpload');
        for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      },
    });
    const range = await rangeOf(bucket, 0, 9_499);
    await expect(copyRange(bucket.archive, inPieces(bytes), range, signal)).rejects.toThrow('NoSuchUpload');
    await expect(bucket.archive.abortUpload(range.key, range.uploadId)).resolves.toBeUndefined();
  });
});

describe('the first bytes of a body', () => {
  test.each([0, 3, 4_096, 4_097, 200_000])('of %d bytes are judged, and then the whole is copied', async (length) => {
    const bytes = randomBytes(length);
    for (const read of ['pieces', 'reader'] as const) {
      const { first, whole } = await takeFirst(inPieces(bytes), 4_096);
      expect(first.equals(bytes.subarray(0, 4_096))).toBe(true);
      const bucket = fakeBucket();
      const body = read === 'reader' ? whole : piecesOf(readerOf(whole));
      await copy(bucket.archive, body, { ...request, length }, signal);
      expect(bucket.hashOf(request.key)).toBe(bucket.sha256(bytes));
    }
  });
});

describe('the size of parts', () => {
  test('never makes more than 10,000 of them', () => {
    const GiB = 1_024 ** 3;
    for (const length of [1, 300 * GiB, 313 * GiB, 1_000 * GiB, 48_000 * GiB]) {
      const size = partSizeFor(1, length);
      expect(Math.ceil(length / size)).toBeLessThanOrEqual(10_000);
      expect(size).toBeLessThanOrEqual(5 * GiB);
    }
    expect(partSizeFor(1, GiB)).toBe(smallestPart);
  });

  test('grows on the way where no length is known', () => {
    expect(partSizeFor(1, undefined)).toBe(smallestPart);
    expect(partSizeFor(2_000, undefined)).toBe(smallestPart);
    expect(partSizeFor(2_001, undefined)).toBe(2 * smallestPart);
    expect(partSizeFor(10_000, undefined)).toBe(16 * smallestPart);
  });
});
