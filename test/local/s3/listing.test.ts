import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { RunningS3 } from './start-s3.ts';
import { bucket, startS3 } from './start-s3.ts';

// 2,500 keys: five series of 500 files, in folders of 100.
const keys = Array.from({ length: 2500 }, (_, index) => {
  const file = String(index % 100).padStart(3, '0');
  return `series ${Math.floor(index / 500)}/${Math.floor(index / 100) % 5}/${file}-view.mp4`;
});

let running: RunningS3;
beforeAll(async () => {
  running = await startS3();
  const waiting = [...keys];
  const worker = async () => {
    for (let Key = waiting.pop(); Key !== undefined; Key = waiting.pop()) {
      const answer = await fetch(`${running.endpoint}/${bucket}/${encodeURI(Key)}`, { method: 'PUT', body: 'x' });
      if (!answer.ok) throw new Error(await answer.text());
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
});
afterAll(async () => {
  expect(running.errors).toEqual([]);
  await running.discard();
});

const collect = async (input: object, pageSize?: number) => {
  const found = { keys: [] as string[], prefixes: [] as string[], pages: 0 };
  const settings = { client: running.client, ...(pageSize ? { pageSize } : {}) };
  for await (const page of paginateListObjectsV2(settings, { Bucket: bucket, ...input })) {
    found.pages++;
    found.keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    expect(page.KeyCount).toBeLessThanOrEqual(pageSize ?? 1000);
  }
  return found;
};

describe('listing', () => {
  test('2,500 keys come in three pages, in order and each once', async () => {
    expect(await collect({})).toEqual({ keys: [...keys].sort(), prefixes: [], pages: 3 });
  });

  test('a delimiter folds keys into prefixes, and pages of them are counted as S3 counts', async () => {
    const series = [0, 1, 2, 3, 4].map((number) => `series ${number}/`);
    expect(await collect({ Delimiter: '/' })).toEqual({ keys: [], prefixes: series, pages: 1 });
    expect(await collect({ Delimiter: '/' }, 2)).toEqual({ keys: [], prefixes: series, pages: 3 });
    const folders = await collect({ Delimiter: '/', Prefix: 'series 3/' }, 3);
    expect(folders.prefixes).toEqual([0, 1, 2, 3, 4].map((number) => `series 3/${number}/`));
    expect((await collect({ Delimiter: '/', Prefix: 'series 3/4/' }, 30)).keys).toHaveLength(100);
    expect((await collect({ Delimiter: '-view', Prefix: 'series 0/0/00' })).prefixes).toHaveLength(10);
  });

  test('StartAfter and names in URL encoding are honoured', async () => {
    const after = await collect({ StartAfter: 'series 4/4/097-view.mp4' });
    expect(after.keys).toEqual(['series 4/4/098-view.mp4', 'series 4/4/099-view.mp4']);
    const encoded = await running.client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'series 4/4/', MaxKeys: 1, EncodingType: 'url' }),
    );
    expect(encoded.Contents?.[0]?.Key).toBe('series%204/4/000-view.mp4');
  });

  test('no keys at all are an answer too', async () => {
    const none = await running.client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'zz' }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
    const zero = await running.client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 0 }));
    expect(zero).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test('a foreign token or a negative page size is refused', async () => {
    const list = (more: object) => running.client.send(new ListObjectsV2Command({ Bucket: bucket, ...more }));
    await expect(list({ ContinuationToken: 'made up' })).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('the older ListObjects pages by markers', async () => {
    const prefixes: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await running.client.send(
        new ListObjectsCommand({ Bucket: bucket, Delimiter: '/', MaxKeys: 2, ...(Marker ? { Marker } : {}) }),
      );
      prefixes.push(...page.CommonPrefixes!.map(({ Prefix }) => Prefix!));
      Marker = page.NextMarker;
    } while (Marker);
    expect(prefixes).toHaveLength(5);
  });

  test('keys are ordered by their UTF-8 bytes, whatever JavaScript thinks of them', async () => {
    const order = ['order/A', 'order/a', 'order/é', 'order/\uFFFD', 'order/😀'];
    for (const Key of [...order].reverse())
      await running.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    expect((await collect({ Prefix: 'order/' })).keys).toEqual(order);
  });

  test('open uploads are listed in pages', async () => {
    const ids = [];
    for (const Key of ['b', 'a', 'b', 'c/d']) {
      ids.push((await running.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))).UploadId);
    }
    const found = [];
    let more: object | undefined = {};
    while (more) {
      const page: ListMultipartUploadsCommandOutput = await running.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 1, ...more }),
      );
      found.push(...page.Uploads!.map(({ UploadId }) => UploadId));
      more = page.NextKeyMarker
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
    expect(found[0]).toBe(ids[1]);
    expect([...found].sort()).toEqual([...ids].sort());
  });
});
