import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, jest, test } from '@jest/globals';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf, type ContentSpec } from '../../local/zoom/media.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { meetingOf } from '../fakes/one-file-meeting.ts';

jest.setTimeout(300_000);
const patience = 200_000;

const MIB = 1_048_576;
const partBytes = 32 * MIB;
const content: ContentSpec = { kind: 'mp4', seconds: 30, size: 3 * partBytes + 7, seed: 'killed' };
const film = { id: 'film', fileType: 'MP4', extension: 'MP4', recordingType: 'gallery_view', content };

let local: LocalCloud;
afterEach(async () => {
  await local.close();
  local.remove();
});

/** The S3 parts that lie in the only open upload. */
const partsThere = async (): Promise<number[]> => {
  const { s3, bucket: Bucket } = local.look;
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  const [upload] = Uploads;
  if (!upload) return [];
  const { Key, UploadId } = upload;
  const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  return Parts.map(({ PartNumber = 0 }) => PartNumber);
};

const hashOf = async (key: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of (await local.look.object(key)).Body as Readable) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const cases = [
  // The second answer of the storage is the first that a worker gets: the one before it is the look at the file.
  { what: 'that has a file for itself', settings: {}, stall: { at: 2 * partBytes + 5 * MIB }, arrived: [1, 2] },
  {
    what: 'that shares a file with others',
    settings: { RAPPORTEUR_FUNCTION_SECONDS: '1' },
    stall: { at: 5 * MIB, skip: 1 },
    arrived: undefined,
  },
];

test.each(cases)('a worker $what is killed in the middle of a part, and a redrive fetches no finished part again', async ({ settings, stall, arrived }) => {
  local = await bootLocalCloud({ functionsRunIn: 'process', settings });
  const meeting = meetingOf('Killed', local.cloud.zoomAccountId, [film]);
  const { announce, jobId } = local.recordThis(meeting);
  const { skip = 0, at } = stall;
  const fault = local.cloud.zoom.inject({ route: 'storage', uuid: meeting.uuid, effect: { kind: 'stall', at }, skip, times: 1 });
  await announce('recording.completed');
  const count = arrived?.length ?? 3;
  await until(async () => fault.hits === 1 && (await partsThere()).length === count, undefined, patience);
  const finished = await partsThere();
  if (arrived) expect(finished).toEqual(arrived);

  // Whatever would be tried by itself fails, so that it is the redrive which goes on.
  const payload = { errorType: 'PermanentError', errorMessage: 'BAD_INPUT: broken on purpose' };
  const mend = local.interfere(async (key, _payload, call) => key === 'downloadPart' ? { functionError: 'Unhandled', payload } : call());
  for (const { function: name, pid } of local.cloud.lambda.environments())
    if (name.endsWith('downloadPart') && pid !== undefined) process.kill(pid, 'SIGKILL');
  expect(await local.closed(jobId, 1, patience)).toMatchObject({ status: 'failed' });
  mend();

  const before = local.cloud.zoom.requests.length;
  await local.redrive(local.arnOf(`${jobId}-1`));
  await until(async () => (await local.job(jobId))?.status === 'done', undefined, patience);
  const ranges = local.cloud.zoom.requests
    .slice(before)
    .filter(({ origin }) => origin === 'storage')
    .map(({ range }) => /^bytes=(\d+)-(\d+)$/.exec(range ?? '')?.slice(1).map(Number) ?? [0, Infinity]);
  expect(ranges).toHaveLength(1);
  for (const part of finished)
    for (const [from = 0, to = Infinity] of ranges)
      expect([part, to < (part - 1) * partBytes || from >= part * partBytes]).toEqual([part, true]);
  const [file] = await local.look.files(jobId);
  expect(file).toMatchObject({ status: 'archived', receivedBytes: content.size });
  expect(await hashOf(file?.key ?? '')).toBe(sha256Of(contentOf(content)));
}); // prettier-ignore
