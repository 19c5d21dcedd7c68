import { setTimeout as sleep } from 'node:timers/promises';

/** Waits as long as so many bytes take on a line of that width; a hundredth of a second may go ahead. 0 is no limit. */
export const pacer = (bytesPerSecond: number): ((bytes: number) => Promise<unknown> | void) => {
  if (!(bytesPerSecond > 0)) return () => undefined;
  let freeAt = performance.now();
  return (bytes) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now - 10) + (bytes / bytesPerSecond) * 1_000;
    return freeAt > now ? sleep(freeAt - now) : undefined;
  };
};
