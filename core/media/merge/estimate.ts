import type { Mp4Info } from '../mp4/probe-mp4.ts';
import { canBeCopied, hasPicture, pictureOf } from './join-plan.ts';

export type Estimate = { readonly seconds: number; readonly diskBytes: number };
export type Limits = { readonly seconds: number; readonly diskBytes: number };

/** Of Lambda's 15 minutes and 10 GB something is left for what an estimate does not know. */
export const functionLimits: Limits = { seconds: 12 * 60, diskBytes: 9_500_000_000 };
/** A media task has a day, and a disk of 200 GB. */
export const taskLimits: Limits = { seconds: 20 * 3_600, diskBytes: 190_000_000_000 };

/** Bytes a second from S3 through ffmpeg to disk, and from there to S3. */
const bytesPerSecond = 40_000_000;
/** Of the kind of processor that two gigabytes of memory bring along; measured ones are about twice as fast. */
const audioSecondsPerTrackHour = 18;
const audioSecondsPerHour = 20;
/** Pixels a second of a quick x264, which two processors share. */
const pixelsPerSecond = 60_000_000;
const framesPerSecond = 25;
/** Sound is decoded to its end, of the picture only what lies behind a joint. */
const checkSecondsPerHour = 8;
const mixBitsPerSecond = 64_000;
/** Speech; noise does not become smaller. */
const flacBitsPerSecond = 16_000 * 16;
const encodedBitsPerSecond = 4_000_000;

/** `seconds`: how long the recording is, pauses included. */
export const estimateAudio = (seconds: number, trackCount: number, bytes: number): Estimate => {
  const hours = seconds / 3_600;
  return {
    seconds: Math.ceil(
      10 + hours * (audioSecondsPerHour + audioSecondsPerTrackHour * trackCount) + bytes / bytesPerSecond,
    ),
    diskBytes: Math.ceil((seconds * (mixBitsPerSecond + flacBitsPerSecond * trackCount)) / 8),
  };
};

export const estimateCopy = (segments: readonly Mp4Info[], bytes: number): Estimate => {
  const hours = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3_600;
  return {
    // In and out, and once more through the disk: the index is moved to the front at the end.
    seconds: Math.ceil(10 + (3 * bytes) / bytesPerSecond + hours * checkSecondsPerHour),
    diskBytes: Math.ceil(bytes * 1.02) + 10_000_000,
  };
};

export const estimateEncode = (segments: readonly Mp4Info[], bytes: number): Estimate => {
  const seconds = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const { width, height } = pictureOf(segments);
  const work = hasPicture(segments) ? (seconds * framesPerSecond * width * height) / pixelsPerSecond : seconds / 40;
  const disk = hasPicture(segments) ? (seconds * encodedBitsPerSecond) / 8 : (seconds * 128_000) / 8;
  return {
    seconds: Math.ceil(10 + work + (2 * bytes) / bytesPerSecond),
    diskBytes: Math.ceil(Math.max(disk, bytes)),
  };
};

export const estimateJoin = (segments: readonly Mp4Info[], bytes: number): Estimate =>
  canBeCopied(segments) ? estimateCopy(segments, bytes) : estimateEncode(segments, bytes);

export const fits = (estimate: Estimate, limits: Limits): boolean =>
  estimate.seconds <= limits.seconds && estimate.diskBytes <= limits.diskBytes;

/** For a person: what of it is too much. */
export const tooMuch = (estimate: Estimate, limits: Limits): string =>
  estimate.seconds > limits.seconds
    ? `it would take about ${Math.ceil(estimate.seconds / 60)} minutes, and a function has ${limits.seconds / 60}`
    : `it needs ${Math.ceil(estimate.diskBytes / 1e9)} GB of disk, and a function has ${limits.diskBytes / 1e9}`;
