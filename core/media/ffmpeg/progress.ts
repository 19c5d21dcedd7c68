/**
 * Reads what `-progress` writes: lines of key=value, in blocks. The output's time is told in microseconds, whatever
 * the key's name says, and is "N/A" or missing until the first packet has been written.
 */
export const progressReader = (seconds: number, onPercent: (percent: number) => void) => {
  let rest = '';
  let last = -1;
  return (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-1_000);
    for (const line of lines) {
      const [key, value = ''] = line.trim().split('=');
      if (key !== 'out_time_us' && key !== 'out_time_ms') continue;
      const micros = Number(value);
      if (!Number.isFinite(micros) || micros < 0 || !(seconds > 0)) continue;
      // 100 is for work that has been looked at, not for work that was written.
      const percent = Math.min(99, Math.floor(micros / 10_000 / seconds));
      if (percent <= last) continue;
      last = percent;
      onPercent(percent);
    }
  };
};
