import { s3Archive } from '../../core/aws/archive.ts';
import { copy } from '../../core/media/copy.ts';
import { takeFirst } from '../../core/media/first-bytes.ts';
import { firstBytesWanted, judgeResponse } from '../../core/media/judge-response.ts';
import { openDownload } from '../../core/media/open-download.ts';

/** What DownloadPart does to one file, without its table and its plan: the wire, the checks and the checksums. */
const { SOURCE_URL: url = '', KEY: key = '' } = process.env;
const { signal } = new AbortController();

const download = await openDownload({ url }, { trustedOrigins: [new URL(url).origin] }, signal);
const { first, whole } = await takeFirst(download.body, firstBytesWanted);
const verdict = judgeResponse(download, first, { extension: 'mp4' }, new Date());
if (verdict.is !== 'ok') throw new Error(verdict.because);
const archive = s3Archive({ archiveBucket: 'bench' });
const about = { key, contentType: 'video/mp4', length: download.length };
await copy(archive, whole, about, signal);
process.exit(0);
