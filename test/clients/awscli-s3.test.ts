import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bucket, bytesOf, startBucket, treeOf, writeTree, type BucketClients } from './bucket.ts';
import { describeAwscli, patience } from './client-program.ts';

jest.setTimeout(patience);

const MB = 1024 ** 2;

describeAwscli('The AWS CLI, against the archive bucket,', () => {
  let s3: BucketClients;
  const at = (name: string): string => join(s3.folder, name);
  const file = (name: string, content: string | Buffer): string => {
    writeTree(s3.folder, { [name]: content });
    return at(name);
  };
  beforeAll(async () => {
    s3 = await startBucket();
  });
  afterAll(() => s3.close());

  test('copies a file in and out, through a pipe too, whatever its key is', async () => {
    const key = `s3://${bucket}/odd/ä b+c%20 (1) & 🎥=?.txt`;
    await s3.aws(['s3', 'cp', file('odd.txt', 'a recording'), key]);
    expect(await s3.aws(['s3', 'cp', key, '-'])).toBe('a recording');
    await s3.aws(['s3', 'cp', '-', `s3://${bucket}/piped`], { input: bytesOf('piped', 9 * MB) });
    await s3.aws(['s3', 'cp', `s3://${bucket}/piped`, 'piped']);
    expect(readFileSync(at('piped')).equals(bytesOf('piped', 9 * MB))).toBe(true);
    expect(await s3.aws(`s3 ls s3://${bucket}/odd/`)).toContain('ä b+c%20 (1) & 🎥=?.txt');
  });

  test('syncs a folder in and out, what changed alone, deletions included', async () => {
    writeTree(at('tree'), { 'a.txt': 'a', 'deep/b.bin': bytesOf('b', 100_000), 'deep/ü.txt': 'ü', empty: '' });
    await s3.aws(`s3 sync tree s3://${bucket}/tree`);
    expect(await s3.aws(`s3 sync tree s3://${bucket}/tree`)).toBe('');
    writeFileSync(at('tree/a.txt'), 'changed');
    const second = await s3.aws(`s3 sync tree s3://${bucket}/tree --no-progress`);
    expect(second.trim()).toBe(`upload: tree/a.txt to s3://${bucket}/tree/a.txt`);
    await s3.aws(`s3 sync s3://${bucket}/tree back`);
    expect(treeOf(at('back'))).toEqual(treeOf(at('tree')));
    await s3.aws(`s3 rm s3://${bucket}/tree/empty`);
    await s3.aws(`s3 sync s3://${bucket}/tree back --delete`);
    expect(Object.keys(treeOf(at('back')))).toEqual(['a.txt', 'deep/b.bin', 'deep/ü.txt']);
  });

  test('uploads in parts, copies and moves within the bucket, and gets the same bytes back', async () => {
    const content = bytesOf('large', 20 * MB);
    await s3.aws(['s3', 'cp', file('large', content), `s3://${bucket}/large`]);
    const head = await s3.awsJson(`s3api head-object --bucket ${bucket} --key large`);
    expect(head).toMatchObject({ ContentLength: 20 * MB, ETag: expect.stringMatching(/-3"$/) });
    await s3.aws(`s3 cp s3://${bucket}/large s3://${bucket}/large-copy`);
    await s3.aws(`s3 mv s3://${bucket}/large-copy s3://${bucket}/large-moved`);
    await s3.aws(`s3 cp s3://${bucket}/large-moved large-back`);
    expect(readFileSync(at('large-back')).equals(content)).toBe(true);
    expect(await s3.aws(`s3 ls s3://${bucket}/large-copy`).catch(() => 'gone')).toBe('gone');
  });

  test('lists page by page and removes recursively', async () => {
    writeTree(
      at('many'),
      Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`d${index % 3}/${index}`, 'x'])),
    );
    await s3.aws(`s3 cp --recursive many s3://${bucket}/many`);
    const listing = await s3.aws(`s3 ls --recursive --summarize --page-size 5 s3://${bucket}/many/`);
    expect(listing).toMatch(/Total Objects: 12\n\s+Total Size: 12/);
    expect((await s3.aws(`s3 ls s3://${bucket}/many/`)).match(/PRE d\d\//g)).toHaveLength(3);
    await s3.aws(`s3 rm --recursive --page-size 5 s3://${bucket}/many`);
    expect(await s3.awsJson(`s3api list-objects-v2 --bucket ${bucket} --prefix many/ --query Contents`)).toBeNull();
  });

  test('finds every version, the one a deletion hides included', async () => {
    const key = ['--bucket', bucket, '--key', 'kept'];
    for (const text of ['first', 'second']) await s3.aws(['s3api', 'put-object', ...key, '--body', file('kept', text)]);
    await s3.aws(['s3api', 'delete-object', ...key]);
    const { Versions, DeleteMarkers } = (await s3.awsJson(
      `s3api list-object-versions --bucket ${bucket} --prefix kept --max-items 10`,
    )) as Record<'Versions' | 'DeleteMarkers', { VersionId: string; IsLatest: boolean; Size?: number }[]>;
    expect(Versions.map(({ Size, IsLatest }) => [Size, IsLatest])).toEqual([
      [6, false],
      [5, false],
    ]);
    expect(DeleteMarkers).toMatchObject([{ IsLatest: true }]);
    await s3.aws(['s3api', 'get-object', ...key, '--version-id', Versions[1]?.VersionId ?? '', 'first']);
    expect(readFileSync(at('first'), 'utf8')).toBe('first');
    expect(await s3.awsRefusal(['s3api', 'get-object', ...key, 'none'])).toContain('NoSuchKey');
  });

  test('sees the checksum that was verified at the upload, and has a wrong one refused', async () => {
    const put = ['s3api', 'put-object', '--bucket', bucket, '--key', 'sum', '--body', file('sum', 'hi\n')];
    const seen = ['s3api', 'head-object', '--bucket', bucket, '--key', 'sum', '--checksum-mode', 'ENABLED'];
    for (const [name, value] of [
      ['SHA256', 'mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q='],
      ['CRC32', '7W96eg=='],
    ] as const) {
      await s3.aws([...put, '--checksum-algorithm', name]);
      expect(await s3.awsJson(seen)).toMatchObject({ [`Checksum${name}`]: value });
    }
    const wrong = await s3.awsRefusal([...put, '--checksum-crc32', 'AAAAAA=='], {
      environment: { AWS_MAX_ATTEMPTS: '1' },
    });
    expect(wrong).toMatch(
      /\(BadDigest\) when calling the PutObject operation.*: The CRC32 you specified did not match/,
    );
  });

  test('builds an upload part by part, lists what is there, completes one and aborts another', async () => {
    const upload = ['--bucket', bucket, '--key', 'parts'];
    const begin = (await s3.awsJson(['s3api', 'create-multipart-upload', ...upload])) as { UploadId: string };
    const open = [...upload, '--upload-id', begin.UploadId];
    const etags: string[] = [];
    for (const [index, size] of [5 * MB, 1000].entries()) {
      const part = ['--part-number', `${index + 1}`, '--body', file('part', bytesOf(`part ${index}`, size))];
      const { ETag } = (await s3.awsJson(['s3api', 'upload-part', ...open, ...part])) as { ETag: string };
      etags.push(ETag);
    }
    const parts = await s3.awsJson(['s3api', 'list-parts', ...open, '--query', 'Parts[].Size']);
    expect(parts).toEqual([5 * MB, 1000]);
    const list = JSON.stringify({ Parts: etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) });
    await s3.aws(['s3api', 'complete-multipart-upload', ...open, '--multipart-upload', list]);
    await s3.aws(['s3api', 'get-object', ...upload, 'whole']);
    const whole = Buffer.concat([bytesOf('part 0', 5 * MB), bytesOf('part 1', 1000)]);
    expect(readFileSync(at('whole')).equals(whole)).toBe(true);

    const other = (await s3.awsJson(['s3api', 'create-multipart-upload', ...upload])) as { UploadId: string };
    await s3.aws(['s3api', 'abort-multipart-upload', ...upload, '--upload-id', other.UploadId]);
    const uploads = ['s3api', 'list-multipart-uploads', '--bucket', bucket, '--query', 'Uploads'];
    expect(await s3.awsJson(uploads)).toBeNull();
  });

  test('presigns a URL that is good until it expires', async () => {
    await s3.aws(['s3', 'cp', file('shared', 'for a while'), `s3://${bucket}/shared`]);
    // Without this setting version 1 of the CLI presigns with Signature Version 2 in us-east-1.
    const environment = { AWS_CONFIG_FILE: file('config', '[default]\ns3 =\n  signature_version = s3v4\n') };
    const url = (await s3.aws(`s3 presign --expires-in 60 s3://${bucket}/shared`, { environment })).trim();
    expect(await (await fetch(url)).text()).toBe('for a while');
    expect(await (await fetch(url.replace('/shared', '/large'))).text()).toContain('SignatureDoesNotMatch');
    s3.time.ahead = 61_000;
    const late = await fetch(url).finally(() => (s3.time.ahead = 0));
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
  });

  test('makes and removes a bucket, unless something is in it', async () => {
    await s3.aws('s3 mb s3://a-second-bucket');
    expect(await s3.aws('s3 ls')).toContain(' a-second-bucket');
    await s3.aws('s3 rb s3://a-second-bucket');
    expect(await s3.awsRefusal(`s3 rb s3://${bucket}`)).toContain('(BucketNotEmpty)');
    expect(await s3.awsRefusal('s3 mb s3://Not_A_Bucket')).toMatch(/InvalidBucketName|Invalid bucket name/i);
  });

  test.each([
    ['a wrong secret', 's3 ls', { AWS_SECRET_ACCESS_KEY: 'wrong' }, '(SignatureDoesNotMatch)'],
    ['an unknown key', 's3 ls', { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }, '(InvalidAccessKeyId)'],
    ['an unknown bucket', 's3 ls s3://nobody-has-this', {}, '(NoSuchBucket)'],
    [
      'what the stand-in cannot do',
      `s3api get-bucket-acl --bucket ${bucket}`,
      {},
      '(NotImplemented) when calling the GetBucketAcl operation: GET ?acl on a bucket is not supported by the local cloud.',
    ],
  ])('hears in a sentence why it is refused with %s', async (_, words, environment, sentence) => {
    expect(await s3.awsRefusal(words, { environment })).toContain(sentence);
  });
});
