/** What the first block of a FLAC file says. */
export type FlacInfo = { readonly sampleRate: number; readonly channels: number; readonly durationSeconds: number };

/** Nothing where it is no FLAC, or one whose writer could not go back to fill in the length. */
export const readFlac = (first: Buffer): FlacInfo | undefined => {
  if (first.length < 42 || first.toString('latin1', 0, 4) !== 'fLaC' || ((first[4] as number) & 0x7f) !== 0)
    return undefined;
  const packed = first.readBigUInt64BE(18);
  const sampleRate = Number(packed >> 44n);
  const samples = Number(packed & 0xf_ffff_ffffn);
  if (sampleRate === 0 || samples === 0) return undefined;
  return { sampleRate, channels: Number((packed >> 41n) & 7n) + 1, durationSeconds: samples / sampleRate };
};
