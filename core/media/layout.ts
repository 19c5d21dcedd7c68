import { partSizeFor, smallestPart } from './copy.ts';

const GiB = 1_024 ** 3;

/** From here on a file may be worth several workers, and is looked at before it is planned. */
export const largeBytes = 2 * GiB;
/** What one worker copies: a minute at the speed of Lambda's network, and far below its 15 at a third of it. */
export const bytesPerWorker = 4 * GiB;
/** All workers of a plan together, so that the list of them stays below what a state may hold. */
const mostWorkers = 600;

/** What a worker is sure to copy in its time, from a source that must be read in one go: 25 MB/s for 12 minutes. */
export const oneWorkersBytes = 25_000_000 * 12 * 60;

/** The same sizes where functions are given less than all their time: what a worker reads in one go, and a quarter of it. */
export const limitsFor = (functionSeconds: number) => {
  const bytes = (oneWorkersBytes / (12 * 60)) * functionSeconds;
  return {
    largeBytes: Math.min(largeBytes, bytes),
    bytesPerWorker: Math.min(bytesPerWorker, bytes / 4),
    oneWorkersBytes: bytes,
  };
};

/** Workers for files of these sizes; one only where a file is small enough. */
export const workersFor = (
  bytes: number,
  allBytes: number,
  sizes: { readonly perWorker?: number | undefined; readonly partBytes?: number | undefined } = {},
): number => {
  const { perWorker = bytesPerWorker, partBytes = partBytesOf(bytes) } = sizes;
  const share = Math.max(perWorker, Math.ceil(allBytes / mostWorkers));
  return Math.max(1, Math.min(Math.ceil(bytes / share), partCount(bytes, partBytes)));
};

const mostParts = 10_000;

/** Size of the S3 parts of a file of this length: one size for all of them, and never more of them than S3 takes. */
export const partBytesOf = (bytes: number, smallest = smallestPart): number =>
  bytes <= smallest * mostParts ? smallest : partSizeFor(1, bytes, smallest);

export const partCount = (bytes: number, partBytes: number): number => Math.ceil(bytes / partBytes);

/** First and last S3 part, both included. */
export type Run = { readonly first: number; readonly last: number };

/** The S3 parts that are this worker's: whole ones, so that no two workers ever send the same. */
export const partsOf = (worker: number, workers: number, count: number): Run => ({
  first: Math.floor((worker * count) / workers) + 1,
  last: Math.floor(((worker + 1) * count) / workers),
});

export type Layout = { readonly expectedBytes: number; readonly partBytes: number };

/** Which bytes an S3 part is; its last one too, as HTTP counts. */
export const bytesOf = ({ first, last }: Run, { expectedBytes, partBytes }: Layout): { from: number; to: number } => ({
  from: (first - 1) * partBytes,
  to: Math.min(last * partBytes, expectedBytes) - 1,
});

/** The runs of parts that are not listed with the size they must have. */
export const missingRuns = (
  { first, last }: Run,
  layout: Layout,
  listed: readonly { readonly number: number; readonly bytes: number }[],
): Run[] => {
  const sizes = new Map(listed.map(({ number, bytes }) => [number, bytes]));
  const runs: { first: number; last: number }[] = [];
  for (let number = first; number <= last; number += 1) {
    const { from, to } = bytesOf({ first: number, last: number }, layout);
    if (sizes.get(number) === to - from + 1) continue;
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
};
