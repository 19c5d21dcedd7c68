import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, expect, jest, test } from '@jest/globals';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf, type ContentSpec } from '../../local/zoom/media.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { meetingOf } from '../fakes/one-file-meeting.ts';

const minutes = 60_000;
jest.setTimeout(40 * minutes);

const MiB = 1_048_576;
const content: ContentSpec = { kind: 'mp4', seconds: 30, size: 6 * 1_024 * MiB + 7, seed: 'six gigabytes' };
const film = { id: 'film', fileType: 'MP4', extension: 'MP4', recordingType: 'gallery_view', content };
/** What the whole process of a worker may take, Node and our code included; and how long, before it is killed. */
const mostRss = 256 * MiB;
const mostSeconds = 60;
/** A worker's share is a quarter of what a function is sure to copy in this time: some 90 MB. */
const settings = { RAPPORTEUR_FUNCTION_SECONDS: '15' };

let local: LocalCloud;
afterEach(async () => {
  await local.close();
  local.remove();
});

/** The most memory that a process has ever had, as Linux counts it. */
const peakOf = (pid: number): number => {
  try {
    const [, kilobytes = 0] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
};

test('a file of 6 GB passes, each of its workers with 256 MB for its whole process and 60 seconds', async () => {
  local = await bootLocalCloud({ functionsRunIn: 'process', functionsRunFor: mostSeconds, settings });
  const { announce, jobId } = local.recordThis(meetingOf('Six gigabytes', local.cloud.zoomAccountId, [film]));
  await announce('recording.completed');
  const peaks = new Map<number, number>();
  const workers = () => local.reports.filter((report) => report.function.endsWith('downloadPart'));
  await until(
    async () => {
      for (const { function: name, pid } of local.cloud.lambda.environments())
        if (name.endsWith('downloadPart') && pid !== undefined) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
      return (await local.job(jobId))?.status !== 'running' && (await local.job(jobId)) !== undefined;
    },
    () => `${workers().length} workers have ended`,
    30 * minutes,
  );
  const largest = Math.max(...peaks.values());
  process.stderr.write(`${JSON.stringify({ workers: workers().length, largestMiB: Math.round(largest / MiB) })}\n`);

  expect(await local.job(jobId)).toMatchObject({ status: 'done' });
  expect(workers().length).toBeGreaterThanOrEqual(60);
  // Elsewhere than on Linux nobody tells.
  if (process.platform === 'linux') expect(largest).toBeGreaterThan(0);
  expect(largest).toBeLessThan(mostRss);
  const [file] = await local.look.files(jobId);
  expect(file).toMatchObject({ status: 'archived', receivedBytes: content.size });
  const hash = createHash('sha256');
  for await (const chunk of (await local.look.object(file?.key ?? '')).Body as Readable) hash.update(chunk as Buffer);
  expect(hash.digest('hex')).toBe(sha256Of(contentOf(content)));
}); // prettier-ignore
