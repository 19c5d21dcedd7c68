import { takeFirst } from './first-bytes.ts';
import { firstBytesWanted, judgeResponse } from './judge-response.ts';
import { climb, isRefusal, type LadderPorts } from './ladder.ts';
import type { Download, DownloadRequest } from './open-download.ts';
import type { PlannedFile } from './plan.ts';

/** What a source says of a file before it is fetched. */
export type Probed = {
  readonly is: 'probed';
  readonly bytes: number | undefined;
  /** Only one that promises equal bytes: ranges of two answers can be laid side by side by no other. */
  readonly etag: string | undefined;
  /** Whether the source gave the range it was asked for. */
  readonly ranges: boolean;
};

export type ProbePorts = LadderPorts & {
  readonly open: (request: DownloadRequest, signal: AbortSignal) => Promise<Download>;
  readonly now: () => Date;
};

type ProbedFile = Pick<PlannedFile, 'fileId' | 'zoomId' | 'extension' | 'announcedBytes'>;

export const strongEtag = (etag: string | undefined): string | undefined =>
  etag !== undefined && /^"[^"]+"$/.test(etag) ? etag : undefined;

/**
 * Asks for the first bytes of a file: so many that an error page is known for what it is. Undefined where the source
 * would not say; the worker that fetches the file will hear why.
 */
export const probeSource =
  ({ jobs, zoom, open, now }: ProbePorts) =>
  async (jobId: string, file: ProbedFile, signal: AbortSignal): Promise<Probed | undefined> => {
    const range = { from: 0, to: firstBytesWanted - 1 };
    const attempt = async (request: DownloadRequest) => {
      const download = await open({ ...request, range }, signal);
      try {
        const { first } = await takeFirst(download.body, firstBytesWanted);
        const verdict = judgeResponse(download, first, { ...file, range }, now());
        if (isRefusal(verdict)) return verdict;
        const ranges = verdict.is === 'ok' && download.status === 206;
        const bytes = ranges ? download.contentRange?.total : download.rangeIgnored ? download.length : undefined;
        return { is: 'probed' as const, bytes, etag: strongEtag(download.etag), ranges };
      } finally {
        download.close();
      }
    };
    try {
      const answer = await climb({ jobs, zoom }, jobId, file, attempt, signal);
      return answer.is === 'gone' ? undefined : answer;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  };
