import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sealer } from '../../../core/job/seal.ts';
import type { JobTable } from '../../../core/job/table.ts';
import { explain } from '../../../core/step/failures.ts';
import {
  accessTo,
  announcement,
  clock,
  file,
  planned,
  seal,
  kinds,
  startTable,
  type StartedTable,
} from './open-table.ts';

let table: StartedTable;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

let jobId: string;
let count = 0;
beforeEach(() => {
  count += 1;
  jobId = `zoom-${count}`;
});

describe.each(kinds)('the job table %s', (kind) => {
  let jobs: JobTable;
  beforeEach(() => {
    jobs = table.open(kind);
  });

  test('gives a folder to one recording, whichever of its jobs asks', async () => {
    const one = jobId;
    const other = `${jobId}-other`;
    await jobs.announce(announcement(jobId, [file('a')]));
    await jobs.announce(announcement(jobId, [file('a')], { jobId: other }));
    expect(await jobs.claimFolder(one, 'uuid-1', `${one}/1/`)).toBe(true);
    expect(await jobs.claimFolder(one, 'uuid-1', `${one}/1/`)).toBe(true);
    expect(await jobs.claimFolder(other, 'uuid-2', `${one}/1/`)).toBe(false);
    expect((await jobs.get(other))?.folder).toBeUndefined();
    expect(await jobs.claimFolder(other, 'uuid-1', `${one}/1/`)).toBe(true);
    expect((await jobs.get(one))?.folder).toBe(`${one}/1/`);
  });

  test('keeps what was done with a file when it is planned again', async () => {
    expect(await jobs.planFile(planned(jobId, 'a'))).toEqual(planned(jobId, 'a'));
    await jobs.fileReceived(jobId, 'a', { bytes: 9, crc32: 'AAAAAA==', contentType: 'video/mp4' });
    expect(await jobs.fileArchived(jobId, 'a')).toBe(true);
    const state = {
      status: 'archived',
      receivedBytes: 9,
      crc32: 'AAAAAA==',
      contentType: 'video/mp4',
      key: planned(jobId, 'a').key,
    };
    expect(await jobs.planFile({ ...planned(jobId, 'a'), key: 'another' })).toMatchObject(state);
    expect(await jobs.fileMissing(jobId, 'a', 'gone')).toBe(false);
    expect(await jobs.file(jobId, 'a')).toMatchObject(state);
    await jobs.planFile(planned(jobId, 'b'));
    expect(await jobs.fileMissing(jobId, 'b', 'gone')).toBe(true);
    expect(await jobs.file(jobId, 'b')).toMatchObject({ status: 'missing', missingBecause: 'gone' });
    expect((await jobs.files(jobId)).map(({ fileId }) => fileId)).toEqual(['a', 'b']);
  });

  test('notes one upload of a file, and gives it up only to whoever knows it', async () => {
    await jobs.planFile(planned(jobId, 'a'));
    const upload = { partBytes: 8, expectedBytes: 20, etag: '"e"', workers: 3 };
    expect(await jobs.fileUpload(jobId, 'a', { uploadId: 'u1', ...upload })).toBe(true);
    expect(await jobs.file(jobId, 'a')).toMatchObject({ uploadId: 'u1', ...upload });
    expect(await jobs.fileUpload(jobId, 'a', { uploadId: 'u2' })).toBe(false);
    expect(await jobs.fileReceived(jobId, 'a', { bytes: 1, crc32: 'x' }, 'u2')).toBe(false);
    expect(await jobs.fileReceived(jobId, 'a', { bytes: 20, crc32: 'AAAAAA==' }, 'u1')).toBe(true);
    // Another upload has its own bytes, and nothing of what was known of the first.
    expect(await jobs.fileUpload(jobId, 'a', { uploadId: 'u2' }, 'u1')).toBe(true);
    const second = await jobs.file(jobId, 'a');
    expect(second).toMatchObject({ uploadId: 'u2' });
    for (const name of [...Object.keys(upload), 'receivedBytes', 'crc32']) expect(second).not.toHaveProperty(name);

    expect(await jobs.fileReset(jobId, 'a', 'u1')).toBe(false);
    expect(await jobs.fileReset(jobId, 'a', undefined)).toBe(false);
    expect(await jobs.fileReset(jobId, 'a', 'u2', { rangeFaults: 1 })).toBe(true);
    expect(await jobs.file(jobId, 'a')).toEqual({ ...planned(jobId, 'a'), rangeFaults: 1 });
    expect(await jobs.fileReset(jobId, 'a', undefined, { tooLong: true })).toBe(true);
    expect(await jobs.fileRound(jobId, 'a', { rounds: 2, arrivedBytes: 16 })).toBe(true);
    expect(await jobs.file(jobId, 'a')).toMatchObject({ rangeFaults: 1, tooLong: true, rounds: 2, arrivedBytes: 16 });
  });

  test('opens no upload for a file that is archived or missing, and resets none', async () => {
    await jobs.planFile(planned(jobId, 'a'));
    await jobs.fileArchived(jobId, 'a', { durationSeconds: 61.5 });
    expect(await jobs.file(jobId, 'a')).toMatchObject({ status: 'archived', durationSeconds: 61.5 });
    expect(await jobs.fileUpload(jobId, 'a', { uploadId: 'u1' })).toBe(false);
    expect(await jobs.fileReset(jobId, 'a', undefined)).toBe(false);
    await jobs.planFile(planned(jobId, 'b'));
    await jobs.fileMissing(jobId, 'b', 'gone');
    expect(await jobs.fileUpload(jobId, 'b', { uploadId: 'u1' })).toBe(false);
  });

  test('hands out the access that lives longest, until it has expired', async () => {
    const [a, b, c] = [file('a'), file('b'), file('c')];
    await jobs.announce(announcement(jobId, [a, b], { access: accessTo([a, b], 'first', 600) }));
    await jobs.announce(announcement(jobId, [a, b], { access: accessTo([a, b], 'second', 1_200) }));
    await jobs.announce(announcement(jobId, [a, b], { access: accessTo([a, b], 'a late repetition', 300) }));
    await jobs.announce(announcement(jobId, [b, c], { access: accessTo([b, c], 'third', 1_800) }));
    expect(await jobs.access(jobId, 'a')).toEqual({ url: 'https://zoom.us/a?second', token: 'second' });
    expect((await jobs.access(jobId, 'b'))?.token).toBe('third');
    clock.now += 1_200_000;
    expect(await jobs.access(jobId, 'a')).toBeUndefined();
    expect((await jobs.access(jobId, 'c'))?.token).toBe('third');
    for (const id of ['d', 'constructor', '__proto__']) expect(await jobs.access(jobId, id)).toBeUndefined();
  });

  test('keeps a younger access for a job that failed for want of one, and none for one that is done', async () => {
    const a = file('a');
    await jobs.announce(announcement(jobId, [a]));
    await jobs.fail(jobId, 1, explain('DOWNLOAD_TOKEN_EXPIRED', ''));
    await jobs.announce(announcement(jobId, [a], { access: accessTo([a], 'fresh', 600) }));
    expect((await jobs.access(jobId, 'a'))?.token).toBe('fresh');
    expect((await jobs.get(jobId))?.status).toBe('failed');
    await jobs.close(jobId, 1, 'done');
    await jobs.announce(announcement(jobId, [a], { access: accessTo([a], 'late', 1_200) }));
    expect((await jobs.access(jobId, 'a'))?.token).toBe('fresh');
  });

  test('grants one claim to each mail at a time, and none after it was sent', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    const aMinuteAgo = () => new Date(clock.now - 60_000);
    const ada = { kind: 'summary', recipient: 'r1' } as const;
    const claim = (mail: typeof ada | { kind: 'update'; recipient: string }) =>
      jobs.claimMail(jobId, mail, 'ada@example.org', aMinuteAgo());
    const claims = await Promise.all(Array.from({ length: 5 }, () => claim(ada)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await jobs.releaseMail(jobId, ada);
    expect(await claim(ada)).toBe(true);
    clock.now += 60_001;
    expect(await claim(ada)).toBe(true);
    expect(await jobs.mailSent(jobId, ada, 'm1')).toBe(true);
    clock.now += 60_001;
    expect(await claim(ada)).toBe(false);
    await jobs.releaseMail(jobId, ada);
    expect(await claim(ada)).toBe(false);
    // Another mail, and another reader, have claims of their own.
    expect(await claim({ kind: 'update', recipient: 'r1' })).toBe(true);
    expect(await jobs.mails(jobId)).toEqual([
      { ...ada, mailId: 'm1', sealedTo: expect.any(String), claimedAt: expect.any(String), sentAt: expect.any(String) },
      { kind: 'update', recipient: 'r1', sealedTo: expect.any(String), claimedAt: expect.any(String) },
    ]);
    expect((await jobs.get(jobId))?.mailSentAt).toBeUndefined();
    expect(await jobs.mailsDone(jobId, 'recording')).toBe(true);
    expect(await jobs.get(jobId)).toMatchObject({ mailSentAt: expect.any(String), mailTold: 'recording' });
  });

  test('keeps who is mailed besides the host', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    expect(await jobs.alternativeHosts(jobId)).toEqual([]);
    expect(await jobs.keepAlternativeHosts(jobId, ['grace@example.org'])).toBe(true);
    expect(await jobs.alternativeHosts(jobId)).toEqual(['grace@example.org']);
    expect((await jobs.get(jobId))?.sealedAlternativeHosts).not.toContain('grace');
  });

  test('keeps a note once', async () => {
    await jobs.announce(announcement(jobId, [file('a')]));
    for (const note of ['second', 'first', 'second']) await jobs.addNote(jobId, note);
    expect((await jobs.get(jobId))?.notes).toEqual(['first', 'second']);
  });
});

describe('what lies in the table', () => {
  const jobsOf = () => table.open('on DynamoDB');
  const everything = async (): Promise<string> => {
    const { Items = [] } = await table.client.send(new ScanCommand({ TableName: 'jobs' }));
    return JSON.stringify(
      Items.map((item) => unmarshall(item)).filter(({ pk }) => String(pk).includes(jobId)),
      (_, value: unknown) => (value instanceof Set ? [...(value as Set<unknown>)] : value),
    );
  };

  test('shows neither token nor address nor host nor a parked event, and all of it expires', async () => {
    const a = file('a');
    const access = { ...accessTo([a], 'canary-token', 600), urls: { a: 'https://zoom.us/canary-url' } };
    await jobsOf().announce(announcement(jobId, [a], { access, hostEmail: 'canary@example.org' }));
    await jobsOf().claimMail(jobId, { kind: 'summary', recipient: 'r1' }, 'canary@example.org', new Date(clock.now));
    await jobsOf().keepAlternativeHosts(jobId, ['canary@example.org']);
    await jobsOf().park(jobId, 'a reason', '{"event":"canary-event"}');
    const text = await everything();
    expect(text).toContain('sealed');
    expect(text).not.toContain('canary');
    const { Item } = await table.client.send(
      new GetItemCommand({ TableName: 'jobs', Key: marshall({ pk: 'PARKED#2026-01-12', sk: `EVENT#${jobId}` }) }),
    );
    const parked = unmarshall(Item ?? {}) as { sealedBody: string; expiresAt: number; reason: string };
    expect(parked.reason).toBe('a reason');
    expect(parked.expiresAt).toBe(Math.floor(clock.now / 1_000) + 30 * 86_400);
    expect(await seal.unseal(jobId, parked.sealedBody)).toBe('{"event":"canary-event"}');
  });

  test('is a parked event of any size, as far as an item can hold it', async () => {
    for (const [id, body] of [
      ['ascii', 'a'.repeat(1_048_000)],
      ['wide', '会'.repeat(349_000)],
    ] as const)
      await jobsOf().park(`${jobId}-${id}`, 'too large', body);
  });

  test('cannot be unsealed for another job, with another key, or after a change', async () => {
    const sealed = await seal.seal('zoom-1', 'a secret');
    expect(await seal.seal('zoom-1', 'a secret')).not.toBe(sealed);
    expect(await seal.unseal('zoom-1', sealed)).toBe('a secret');
    await expect(seal.unseal('zoom-2', sealed)).rejects.toThrow();
    await expect(sealer(() => Promise.resolve('x'.repeat(40))).unseal('zoom-1', sealed)).rejects.toThrow();
    await expect(seal.unseal('zoom-1', sealed.replace('v1.', 'v2.'))).rejects.toThrow(/version/);
    await expect(seal.unseal('zoom-1', '')).rejects.toThrow();
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8((forged[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
      await expect(seal.unseal('zoom-1', `v1.${forged.toString('base64url')}`)).rejects.toThrow();
    }
    for (let length = 0; length < bytes.length; length += 1)
      await expect(seal.unseal('zoom-1', `v1.${bytes.subarray(0, length).toString('base64url')}`)).rejects.toThrow();
  });
});
