import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copying, rangesAsked, sizes } from '../../fakes/copying.ts';
import { answerRanges, fileOrigin } from '../../fakes/origin.ts';
import { tinyMovie } from '../../fakes/tiny-movie.ts';

type Origin = Awaited<ReturnType<typeof fileOrigin>>;
type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;

const film = tinyMovie('film', 'mp4', 20_500);
const other = tinyMovie('another', 'mp4', 18_250);
const key = '85746065432/1768230014/000-view_film.mp4';
const whole: Serve = answerRanges(() => ({ bytes: film, etag: '"film"' }));
const changed: Serve = answerRanges(() => ({ bytes: other, etag: '"other"' }));
const withoutRanges: Serve = (_request, response) =>
  response.writeHead(200, { 'content-length': film.length }).end(film);

let origin: Origin;
let serve: Serve;
beforeEach(async () => {
  serve = whole;
  origin = await fileOrigin((request, response) => void serve(request, response));
});
afterEach(() => origin.close());

type Given = Partial<Parameters<typeof copying>[0]>;
const scene = (given: Given = {}) => copying({ origin: origin.url, announcedBytes: film.length, ...given });
type Scene = Awaited<ReturnType<typeof copying>>;

const expectArchived = async ({ row, bucket }: Scene, bytes: Buffer = film): Promise<void> => {
  expect(await row()).toMatchObject({ status: 'archived', receivedBytes: bytes.length });
  expect(bucket.hashOf(key)).toBe(bucket.sha256(bytes));
  expect(bucket.openUploads()).toBe(0);
};

describe('a large file', () => {
  test('is shared by workers that each ask for their bytes, once', async () => {
    const one = await scene();
    expect(await one.settle()).toEqual([Array(7).fill('received')]);
    await expectArchived(one);
    const [, ...asked] = rangesAsked(origin.seen);
    asked.sort((a, b) => a.from - b.from);
    expect(asked[0]?.from).toBe(0);
    expect(asked.at(-1)?.to).toBe(film.length - 1);
    asked.slice(1).forEach(({ from }, index) => expect(from).toBe((asked[index]?.to ?? 0) + 1));
    expect(origin.seen.slice(1).every(({ headers }) => headers['if-range'] === '"film"')).toBe(true);
    expect(one.bucket.calls.filter((call) => call === 'createUpload')).toHaveLength(1);
  });

  test('of which Zoom tells no size is looked at too', async () => {
    const one = await scene({ announcedBytes: undefined });
    expect(await one.settle()).toEqual([Array(7).fill('received')]);
    await expectArchived(one);
  });

  test('opens one upload, however often it is planned', async () => {
    const one = await scene();
    const first = await one.plan();
    expect(await one.plan()).toEqual(first);
    expect(one.bucket.openUploads()).toBe(1);
    expect(origin.seen).toHaveLength(1);
    await one.settle();
    await expectArchived(one);
  });

  test('goes on where its worker was killed, and asks for no part that had arrived', async () => {
    const one = await scene();
    const { planKey } = await one.plan();
    const uploadPart = one.ports.archive.uploadPart.bind(one.ports.archive);
    let sent = 0;
    one.ports.archive.uploadPart = async (...given) => {
      sent += 1;
      if (sent === 3) throw new Error('killed');
      return uploadPart(...given);
    };
    await expect(one.work(planKey, { index: 0, part: 2 })).rejects.toThrow('killed');
    one.ports.archive.uploadPart = uploadPart;
    const { uploadId = '' } = (await one.row()) ?? {};
    const arrived = (await one.bucket.archive.listParts(key, uploadId, new AbortController().signal)) ?? [];
    expect(arrived.length).toBeGreaterThan(0);

    origin.seen.length = 0;
    expect(await one.settle()).toEqual([Array(7).fill('received')]);
    await expectArchived(one);
    for (const { number } of arrived) {
      const byte = (number - 1) * sizes.partBytes;
      expect(rangesAsked(origin.seen).filter(({ from, to }) => from <= byte && byte <= to)).toEqual([]);
    }
  });

  test('gets a fresh token in the middle, where the old one dies at part 7 of 20', async () => {
    const dead = 6 * 1_000;
    serve = (request, response) =>
      request.headers.authorization === 'Bearer EVENT' && (rangesAsked([request])[0]?.from ?? 0) >= dead
        ? response.writeHead(401).end()
        : whole(request, response);
    const one = await scene({ rest: true, limits: { ...sizes, bytesPerWorker: 1_025 } });
    expect(await one.settle()).toEqual([Array(20).fill('received')]);
    await expectArchived(one);
    const fresh = origin.seen.filter(({ headers }) => headers.authorization === 'Bearer FRESH');
    expect(rangesAsked(fresh).every(({ from }) => from >= dead)).toBe(true);
    expect(origin.seen).toHaveLength(1 + 20 + fresh.length);
  });

  test('is begun anew when it changes under its workers, and is the new one then', async () => {
    serve = (request, response) => (origin.seen.length < 5 ? whole : changed)(request, response);
    const one = await scene();
    const rounds = await one.settle();
    expect(rounds).toHaveLength(2);
    expect(rounds[0]).toContain('not-needed');
    await expectArchived(one, other);
    expect((await one.notes())?.join()).toContain(`announced ${film.length} bytes and sent ${other.length}`);
  });

  test('that changes each time it is asked for is given up, and nothing of it is left open', async () => {
    serve = (request, response) => answerRanges(() => ({ bytes: film, etag: `"${origin.seen.length}"` }))(request, response); // prettier-ignore
    const one = await scene();
    await expect(one.settle()).rejects.toThrow('FILE_NOT_AS_EXPECTED');
    expect(one.bucket.openUploads()).toBe(0);
    expect(one.bucket.objects.size).toBe(0);
  });

  test('comes as one stream from a host that gives ranges no more', async () => {
    serve = (request, response) => (origin.seen.length < 4 ? whole : withoutRanges)(request, response);
    const one = await scene();
    const rounds = await one.settle();
    expect(rounds[0]).toContain('not-needed');
    expect(rounds.at(-1)).toEqual(['received']);
    await expectArchived(one);
  });

  test('comes with ranges all the same from a host that lied about one of them', async () => {
    serve = answerRanges((request) => ({
      bytes: film,
      etag: '"film"',
      ...(origin.seen.indexOf(request) === 3 && {
        distort: (answer) => (answer.headers['content-range'] = `bytes 0-9/${film.length}`),
      }),
    }));
    const one = await scene();
    expect(await one.settle()).toEqual([expect.arrayContaining(['not-needed']), Array(7).fill('received')]);
    await expectArchived(one);
  });

  test('that is deleted in the middle is missing, with the reason, and its upload is closed', async () => {
    serve = (request, response) => (origin.seen.length < 4 ? whole(request, response) : response.writeHead(404).end());
    const one = await scene();
    await one.settle();
    expect(await one.row()).toMatchObject({ status: 'missing', missingBecause: 'Zoom answered 404' });
    expect(one.bucket.openUploads()).toBe(0);
  });

  test('is continued in the next round by workers whose time was over', async () => {
    let looks = 0;
    const one = await scene({
      limits: { ...sizes, bytesPerWorker: 7_000 },
      remainingMs: () => ((looks += 1) % 7 === 0 ? 0 : 600_000),
    });
    const rounds = await one.settle();
    expect(rounds.flat()).toContain('more');
    await expectArchived(one);
    expect(one.bucket.calls.filter((call) => call === 'createUpload')).toHaveLength(1);
  });
});

describe('a large file from a host without ranges', () => {
  beforeEach(() => {
    serve = withoutRanges;
  });

  test('is one stream where a function has the time for it', async () => {
    const one = await scene();
    expect(await one.settle()).toEqual([['received']]);
    await expectArchived(one);
  });

  const limits = { ...sizes, oneWorkersBytes: 10_000 };

  test('that is too much for a function ends with the switch that has to be turned', async () => {
    const one = await scene({ limits });
    await expect(one.settle()).rejects.toThrow(/^NEEDS_MEDIA_TASK: .*one piece/);
    expect(one.bucket.openUploads()).toBe(0);
  });

  test('that is too much for a function is left to a media task, and verified like any other', async () => {
    const one = await scene({ limits, mediaTask: true, remainingMs: () => 0 });
    const { planKey, items, files, oversized } = await one.plan();
    expect({ items, files, oversized }).toEqual({ items: [], files: [], oversized: true });
    expect(await one.copyOutside(planKey)).toEqual(['received']);
    expect(await one.plan()).toMatchObject({ items: [{ index: 0, part: 0 }], files: [0], oversized: false });
    expect(await one.settle()).toEqual([['already-there']]);
    await expectArchived(one);
  });

  test('that turns out to be too much is not tried in the same way again', async () => {
    const one = await scene({ announcedBytes: 2_000, remainingMs: () => 0 });
    await expect(one.settle()).rejects.toThrow(/^NEEDS_MEDIA_TASK: /);
    expect(one.bucket.openUploads()).toBe(0);
  });
});

describe('an ordinary file', () => {
  const limits = { ...sizes, largeBytes: 1_000_000 };
  /** Ends the connection after so many bytes of this answer. */
  const cut =
    (answer: number, bytes: number): Serve =>
    (request, response) => {
      if (origin.seen.length !== answer) return whole(request, response);
      response.writeHead(200, { 'content-length': film.length, etag: '"film"' });
      response.write(film.subarray(0, bytes), () => setImmediate(() => response.socket?.destroy()));
    };

  test('is asked for as a whole, and continued from its last part when the connection broke', async () => {
    serve = cut(1, 12_500);
    const one = await scene({ limits });
    expect(await one.settle()).toEqual([['received']]);
    await expectArchived(one);
    const [first, second, ...more] = rangesAsked(origin.seen);
    expect(first).toEqual({ from: 0, to: Infinity });
    expect(second?.from).toBeGreaterThanOrEqual(9_000);
    expect(more).toEqual([]);
  });

  test('that has changed meanwhile is begun anew with the answer that says so', async () => {
    const broken = cut(1, 12_500);
    serve = (request, response) => (origin.seen.length === 1 ? broken : changed)(request, response);
    const one = await scene({ limits });
    expect(await one.settle()).toEqual([['received']]);
    await expectArchived(one, other);
    expect(origin.seen).toHaveLength(2);
  });

  test('that nobody can continue leaves no upload behind when it breaks', async () => {
    serve = (_request, response) => {
      response.writeHead(200, { 'content-length': film.length });
      response.write(film.subarray(0, 12_500), () => setImmediate(() => response.socket?.destroy()));
    };
    const one = await scene({ limits });
    const { planKey } = await one.plan();
    await expect(one.work(planKey, { index: 0, part: 0 })).rejects.toMatchObject({ name: 'TransientError' });
    expect(one.bucket.openUploads()).toBe(0);
    serve = withoutRanges;
    await one.settle();
    await expectArchived(one);
  });

  test('that is longer than it was said to be is archived as it is, and both sizes are recorded', async () => {
    const one = await scene({ limits, announcedBytes: 9_000 });
    await one.settle();
    await expectArchived(one);
    expect(await one.row()).toMatchObject({ announcedBytes: 9_000, receivedBytes: film.length });
    expect(await one.notes()).toContainEqual(expect.stringContaining(`announced 9000 bytes and sent ${film.length}`));
  });

  test('on an on-premise server is missing for that reason, and no token is blamed', async () => {
    const one = await scene({ status: 'on-premise' });
    expect(await one.plan()).toMatchObject({ items: [], files: [] });
    expect(await one.row()).toMatchObject({
      status: 'missing',
      missingBecause: 'the file lies on an on-premise server',
    });
  });
});

/** What may happen to one request, among others that go well. */
const faults: Record<string, Serve> = {
  busy: (_request, response) => response.writeHead(503).end(),
  reset: (request) => request.socket.resetAndDestroy(),
  ignored: (_request, response) =>
    response.writeHead(200, { etag: '"film"', 'content-length': film.length }).end(film),
  cut: (request, response) => {
    const { from, to } = rangesAsked([request])[0] ?? { from: 0, to: 0 };
    const end = Math.min(to, film.length - 1);
    const range = { 'content-range': `bytes ${from}-${end}/${film.length}`, 'content-length': end - from + 1 };
    response.writeHead(request.headers.range ? 206 : 200, { etag: '"film"', ...range, ...(!request.headers.range && { 'content-range': '' }) });
    response.write(film.subarray(from, from + (end - from) / 2), () => setImmediate(() => response.socket?.destroy()));
  },
  lie: answerRanges(() => ({ bytes: film, etag: '"film"', distort: (answer) => (answer.headers['content-range'] = 'bytes 5-9/10') })),
  without: answerRanges(() => ({ bytes: film })),
}; // prettier-ignore

test('whatever happens on the way, what is archived is the file, whole, and no upload stays open', async () => {
  const names = Object.keys(faults);
  const plan = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(...names)), {
    selector: ([request]) => request,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(plan, fc.boolean(), async (given, isLarge) => {
      const at = new Map(given);
      origin.seen.length = 0;
      serve = (request, response) => {
        const fault = at.get(origin.seen.length);
        return (fault ? (faults[fault] ?? whole) : whole)(request, response);
      };
      const one = await scene(isLarge ? {} : { limits: { ...sizes, largeBytes: 1_000_000 } });
      try {
        await one.settle();
        await expectArchived(one);
      } catch (error) {
        // Too many faults at the same place: then the row says so, and nothing is archived.
        expect((error as Error).message).toMatch(/^FILE_NOT_AS_EXPECTED|Zoom answered 503|broke off/);
        expect(await one.row()).toMatchObject({ status: 'planned' });
        expect(one.bucket.objects.size).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});
