import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bucket, bytesOf, startBucket, treeOf, writeTree, type BucketClients } from './bucket.ts';
import { describeRclone, patience } from './client-program.ts';

jest.setTimeout(patience);

const MB = 1024 ** 2;
const remote = `local:${bucket}`;
/** Every printable ASCII character that a file name may have, and what is beyond. */
const oddNames = [
  ...'!"#$%&\'()*+,:;<=>?@[\\]^`{|}~'.split('').map((char) => `odd ${char}${char}x`),
  ...['100%', '%2F', 'a%20b', ' leading', 'trailing ', 'new\nline', 'tab\there', '.hidden', '..two', 'dot.', '-rf'],
  ...['ünïcödé', 'e\u0301', '日本語', '🎥 recording.mp4', 'x'.repeat(240)],
];

describeRclone('rclone, against the archive bucket,', () => {
  let s3: BucketClients;
  const at = (name: string): string => join(s3.folder, name);
  beforeAll(async () => {
    s3 = await startBucket();
  });
  afterAll(() => s3.close());

  test('syncs three hundred small files and a large one in and out, with checksums', async () => {
    const files = Array.from({ length: 300 }, (_, index) => [
      `small/${index % 7}/${index}`,
      bytesOf(`${index}`, index * 97),
    ]);
    writeTree(at('in'), {
      ...(Object.fromEntries(files) as Record<string, Buffer>),
      'recording.mp4': bytesOf('large', 200 * MB),
    });
    await s3.rclone(`sync in ${remote}/tree`);
    expect((await s3.rclone(`check in ${remote}/tree`)).errors).toContain('301 matching files');
    expect((await s3.rclone(`check --download in ${remote}/tree`)).errors).toContain('301 matching files');
    await s3.rclone(`sync ${remote}/tree out`);
    expect(treeOf(at('out'))).toEqual(treeOf(at('in')));
    expect(JSON.parse((await s3.rclone(`size --json ${remote}/tree`)).output)).toMatchObject({ count: 301 });
  });

  test('transfers on a second sync what changed alone, and deletes what is gone', async () => {
    writeTree(at('again'), { 'same.txt': 'same', 'changed.txt': 'before', 'gone.txt': 'gone' });
    await s3.rclone(`sync again ${remote}/again`);
    writeFileSync(at('again/changed.txt'), 'afterwards');
    rmSync(at('again/gone.txt'));
    const { errors } = await s3.rclone(`sync again ${remote}/again -v`);
    expect(errors).toContain('changed.txt: Copied');
    expect(errors).toContain('gone.txt: Deleted');
    expect(errors).not.toContain('same.txt: ');
    expect((await s3.rclone(`lsf ${remote}/again`)).output).toBe('changed.txt\nsame.txt\n');
  });

  test('keeps names as odd as a file system allows', async () => {
    writeTree(at('odd'), Object.fromEntries(oddNames.map((name) => [name, `content of ${name}`])));
    await s3.rclone(`copy odd ${remote}/odd`);
    expect((await s3.rclone(`check --download odd ${remote}/odd`)).errors).toContain(
      `${oddNames.length} matching files`,
    );
    await s3.rclone(`copy ${remote}/odd odd-back`);
    expect(treeOf(at('odd-back'))).toEqual(treeOf(at('odd')));
    await s3.rclone(`copy ${remote}/odd ${remote}/odd-copy`);
    expect((await s3.rclone(`check ${remote}/odd ${remote}/odd-copy`)).errors).toContain(
      `${oddNames.length} matching files`,
    );
    await s3.rclone(`purge ${remote}/odd`);
    expect((await s3.rclone(`lsf ${remote} --dirs-only`)).output.split('\n')).not.toContain('odd/');
  });

  test('copies from a URL and from a pipe, moves, links and deletes', async () => {
    const content = randomBytes(70_000);
    const server = createServer((_, response) => response.end(content));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await s3.rclone(`copyurl http://127.0.0.1:${(server.address() as AddressInfo).port}/x ${remote}/from-url`);
    await new Promise((resolve) => server.close(resolve));
    await s3.rclone(`moveto ${remote}/from-url ${remote}/moved`);
    const link = (await s3.rclone(`link --expire 60s ${remote}/moved`)).output.trim();
    expect(Buffer.from(await (await fetch(link)).arrayBuffer()).equals(content)).toBe(true);

    await s3.rclone(`rcat ${remote}/piped`, { input: bytesOf('piped', 12 * MB) });
    await s3.rclone(`copy ${remote}/piped .`);
    expect(readFileSync(at('piped')).equals(bytesOf('piped', 12 * MB))).toBe(true);
    await s3.rclone(`deletefile ${remote}/moved`);
    expect((await s3.rclone(`lsf ${remote}/moved`)).output).toBe('');
    expect((await s3.rclone(`lsf --s3-versions ${remote}`)).output).toMatch(/^moved-v\d{4}-/m);
    expect(JSON.parse((await s3.rclone(`backend list-multipart-uploads ${remote}`)).output)).toEqual({ [bucket]: [] });
  });

  test('hears why it is refused with a wrong secret', async () => {
    const environment = { AWS_SECRET_ACCESS_KEY: 'wrong' };
    expect(await s3.rcloneRefusal(`ls ${remote}`, { environment })).toContain('SignatureDoesNotMatch');
  });
});
