import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Job, JobFile } from '../../core/job/job.ts';
import type { FaultyOperation, S3Fault } from '../../local/s3/faults.ts';
import { noise, sequence, sha256Of } from '../../local/zoom/content.ts';
import type { Content } from '../../local/zoom/content.ts';
import type { Effect, Fault } from '../../local/zoom/faults.ts';
import { contentOf } from '../../local/zoom/media.ts';
import { captureLog } from '../fakes/lambda.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { meetingOf, noiseFile, soundFile } from '../fakes/one-file-meeting.ts';
import { partBytes, useSmallParts } from '../fakes/small-parts.ts';

jest.setTimeout(400_000);
/** All of it takes some seconds; a machine that has a lot to do is given more. */
const patience = 350_000;

type Counts = Readonly<Record<string, number>>;
type Named = {
  readonly parts?: number;
  readonly zoom?: Omit<Fault, 'fileId'>;
  readonly s3?: readonly S3Fault[];
  /** The bytes that the archive must have in the end, if not those of the beginning. */
  readonly becomes?: (whole: Content) => Content;
  /** What is asked of the storage for each part; by default each once. */
  readonly asks?: (counts: Counts) => void;
};

const eachOnce = { 1: 1, 2: 1, 3: 1, 4: 1 };
const oneTwice = (counts: Counts): void => expect(Object.values(counts).sort()).toEqual([1, 1, 1, 2]);
const wholeInTheEnd = (counts: Counts): void => expect(counts['whole']).toBeGreaterThanOrEqual(1);
const anything = (): void => undefined;

/** Strikes once, one of the parts behind the first. */
const aPart = (effect: Effect): Named => ({
  zoom: { route: 'storage', effect, rangeFrom: partBytes, times: 1 },
  asks: oneTwice,
});
/** Strikes all that comes after the first look at the file. */
const afterTheLook = (effect: Effect): Named => ({ zoom: { route: 'storage', effect, skip: 1 }, asks: wholeInTheEnd });
/** The look at the file and one part are of the file as it was. */
const becoming = (effect: Effect, becomes: (whole: Content) => Content): Named => ({
  zoom: { route: 'storage', effect, skip: 2 },
  becomes,
  asks: anything,
});
const cut = (whole: Content, length: number): Content => ({ length, read: (start, end) => whole.read(start, end) });
const s3 = (operation: FaultyOperation, effect: S3Fault['effect'], more: Partial<S3Fault> = {}): Named => ({
  s3: [{ operation, effect, times: 1, ...more }],
});
const at = 2_000_000;

/** By name: the file that it strikes, of three S3 parts and a bit, a worker for each. */
const faults: Record<string, Named> = {
  'no fault': {},
  'a reset in the middle of a part': aPart({ kind: 'reset', at }),
  'a part truncated with Content-Length': aPart({ kind: 'truncated', at, framing: 'content-length' }),
  'a part truncated without Content-Length': aPart({ kind: 'truncated', at, framing: 'none' }),
  'a stall in the middle of a part': aPart({ kind: 'stall', at }),
  'a 503 for a part': aPart({ kind: 'error', status: 503 }),
  'a web page with 200 for a part': aPart({ kind: 'html200' }),
  'the token dies at part 7 of 20': {
    parts: 20,
    // The look at the file and six parts pass.
    zoom: { route: 'download', fromWebhook: true, skip: 7, effect: { kind: 'expiredToken' } },
    asks: (counts) => expect(Object.values(counts)).toEqual(Array(20).fill(1)),
  },
  'a range that is ignored once': { ...aPart({ kind: 'ignoreRange' }), asks: anything },
  'ranges that are ignored after the look': afterTheLook({ kind: 'ignoreRange' }),
  'ranges that are never known': {
    zoom: { route: 'storage', effect: { kind: 'ignoreRange' } },
    asks: (counts) => expect(counts).toEqual({ whole: 1 }),
  },
  'a Content-Range that lies once': { ...aPart({ kind: 'lyingRange', by: 1 }), asks: anything },
  'a Content-Range that always lies': afterTheLook({ kind: 'lyingRange', by: partBytes }),
  'a file that shrinks': becoming({ kind: 'shrunk', by: partBytes }, (whole) => cut(whole, whole.length - partBytes)),
  'a file that grows': becoming({ kind: 'grown', by: partBytes }, (whole) =>
    sequence(whole, noise('grown', partBytes)),
  ),
  'a file that becomes another of its length': becoming({ kind: 'replaced' }, (whole) =>
    sequence(cut(whole, whole.length - 16), noise('replaced', 16)),
  ),
  'S3 says SlowDown to a part twice': s3('UploadPart', { kind: 'slowDown' }, { partNumber: 2, times: 2 }),
  'S3 breaks off a part': s3('UploadPart', { kind: 'reset', afterBytes: 1_000_000 }, { partNumber: 3 }),
  'S3 keeps a part and loses the answer': s3('UploadPart', { kind: 'lostAnswer', as: '500' }, { partNumber: 1 }),
  'S3 completes a file and answers 500': s3('CompleteMultipartUpload', { kind: 'lostAnswer', as: '500' }),
  'S3 completes a file and breaks off': s3('CompleteMultipartUpload', { kind: 'lostAnswer', as: 'reset' }),
  'S3 says SlowDown to the beginning of a file': s3('CreateMultipartUpload', { kind: 'slowDown' }),
};

const sizeOf = ({ parts }: Named): number => (parts === undefined ? 3 * partBytes + 7 : parts * partBytes);

let local: LocalCloud;
let restore: () => void;
let job: Job;
let files: JobFile[];
const hits = new Map<string, () => number>();
const log = captureLog();

/** One recording on which everything falls at once. */
beforeAll(async () => {
  local = await bootLocalCloud();
  restore = useSmallParts(local);
  const { zoom, zoomAccountId } = local.cloud;
  // Without a film or a sound the recording would be waited for.
  const recorded = [soundFile('sound'), ...Object.entries(faults).map(([name, one]) => noiseFile(name, sizeOf(one)))];
  const { meeting, jobId, announce } = local.recordThis(meetingOf('Faults of parts', zoomAccountId, recorded));
  for (const { id, recordingType } of meeting.files) {
    const { zoom: fault, s3: s3Faults = [] } = faults[id] ?? {};
    const injected = [
      ...(fault ? [zoom.inject({ ...fault, fileId: id, uuid: meeting.uuid })] : []),
      ...s3Faults.map((one) => local.s3Faults.inject({ ...one, keyEnd: `${recordingType}.hgm` })),
    ];
    hits.set(id, () => injected.reduce((sum, one) => sum + one.hits, 0));
  }
  await announce('recording.completed');
  job = await local.closed(jobId, 1, patience);
  files = await local.look.files(jobId);
});
afterAll(async () => {
  log.release();
  restore();
  await local.close();
  local.remove();
});

/** How often each part was asked for. The first request of all is the look at the file. */
const countsOf = (fileId: string): Counts => {
  const requests = local.cloud.zoom.requests.filter((one) => one.origin === 'storage' && one.fileId === fileId);
  const counts: Record<string, number> = {};
  for (const { range } of requests.slice(1)) {
    const from = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? NaN);
    const part = Number.isNaN(from) ? 'whole' : String(from / partBytes + 1);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
};
const sumOf = async (key: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of (await local.look.object(key)).Body as Readable) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

test.each(Object.entries(faults))('%s: the file is archived whole', async (name, one) => {
  const whole = contentOf({ kind: 'noise', size: sizeOf(one), seed: name });
  const expected = one.becomes?.(whole) ?? whole;
  const file = files.find(({ zoomId }) => zoomId === name);
  expect(file).toMatchObject({ status: 'archived', receivedBytes: expected.length });
  expect(await sumOf(file?.key ?? '')).toBe(sha256Of(expected));
  if (one.zoom ?? one.s3) expect(hits.get(name)?.()).toBeGreaterThan(0);
  if (one.asks) one.asks(countsOf(name));
  else expect(countsOf(name)).toEqual(eachOnce);
});

test('a recording on which all of these fall at once is done in one attempt, and no upload stays open', async () => {
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  const { Uploads = [] } = await local.look.s3.send(new ListMultipartUploadsCommand({ Bucket: local.look.bucket }));
  expect(Uploads).toEqual([]);
});

test('of a token that dies every part is refused once, and had by an address and a token of the REST API', () => {
  const name = 'the token dies at part 7 of 20';
  const asked = local.cloud.zoom.requests.filter(({ route, fileId }) => route === 'download' && fileId === name);
  expect(asked.filter(({ status }) => status === 401)).toHaveLength(14);
  expect(asked.filter(({ path }) => path.startsWith('/rec/download/'))).toHaveLength(14);
});
