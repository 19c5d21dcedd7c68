/** Milliseconds of processor time that this process has used: unlike the clock, no busy machine makes it longer. */
export const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
