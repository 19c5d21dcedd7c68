/** ffmpeg tells twice a second how far it is; what is kept of it costs a write. */
const everyMs = 5_000;

/** Takes percents as they come and writes one now and then; `settled` is when the last write has ended. */
export const percentWriter = (write: (percent: number) => Promise<unknown>, now: () => number) => {
  let writtenAt = now();
  let writing: Promise<unknown> = Promise.resolve();
  let isWriting = false;
  return {
    onPercent: (percent: number): void => {
      if (isWriting || now() - writtenAt < everyMs) return;
      writtenAt = now();
      isWriting = true;
      // Progress that is not written down hinders nobody.
      writing = write(percent)
        .catch(() => undefined)
        .finally(() => {
          isWriting = false;
        });
    },
    settled: (): Promise<unknown> => writing,
  };
};
