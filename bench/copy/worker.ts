import { s3Archive } from '../../core/aws/archive.ts';
import { copy, copyRange, smallestPart } from '../../core/media/copy.ts';
import { takeFirst } from '../../core/media/first-bytes.ts';
import { firstBytesWanted, judgeResponse } from '../../core/media/judge-response.ts';
import { openDownload } from '../../core/media/open-download.ts';

/** What DownloadPart does to a file, or to one worker's share of it, without its table and its plan. */
const { SOURCE_URL: url = '', KEY: key = '', BYTES = '', WORKERS = '1', WORKER = '0' } = process.env;
const { signal } = new AbortController();
const archive = s3Archive({ archiveBucket: 'bench' });
const total = Number(BYTES);
const share = Math.ceil(total / smallestPart / Number(WORKERS)) * smallestPart;
const from = Number(WORKER) * share;
const range = WORKERS === '1' ? undefined : { from, to: Math.min(from + share, total) - 1 };

const download = await openDownload({ url, range }, { trustedOrigins: [new URL(url).origin] }, signal);
const { first, whole } = await takeFirst(download.body, firstBytesWanted);
const expected = { extension: 'mp4', range: range && { ...range, total } };
const verdict = judgeResponse(download, first, expected, new Date());
if (verdict.is !== 'ok') throw new Error(verdict.because);
if (range) {
  const parts = { key, uploadId: 'shared', firstPart: from / smallestPart + 1, partBytes: smallestPart };
  await copyRange(archive, whole, { ...parts, ...range }, signal);
} else await copy(archive, whole, { key, contentType: 'video/mp4', length: download.length }, signal);
process.exit(0);
