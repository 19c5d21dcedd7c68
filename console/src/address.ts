/** Addresses beside this page, with the token that opened it. */
export type Addresses = ReturnType<typeof addressesOf>;

export const addressesOf = (location: { readonly pathname: string; readonly search: string }) => {
  const given = new URLSearchParams(location.search);
  const path = location.pathname.replace(/\/+$/, '');
  const token = given.get('k') ?? '';
  const to = (below: string, more: Readonly<Record<string, string>> = {}): string =>
    `${path}${below}?${new URLSearchParams({ k: token, ...more }).toString()}`;
  return {
    data: to('/data'),
    captions: (fromSeconds: number): string => to('/captions', fromSeconds > 0 ? { from: String(fromSeconds) } : {}),
    /** Tells where a file can be played from, for some minutes. */
    media: (name: string): string => to(`/media/${encodeURIComponent(name)}`),
    save: (name: string): string => to(`/files/${encodeURIComponent(name)}`),
    moment: (seconds: number): string => to('', { t: String(Math.floor(seconds)) }),
    /** The moment that the page was asked to open at. */
    start: momentIn(given.get('t')),
  };
};

/** Whole or broken seconds; `1h2m3s` and `2:03` are how people write them. */
export const momentIn = (text: string | null): number => {
  const clock = /^(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})$/.exec(text ?? '');
  const units = /^(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(text ?? '');
  const [, hours = 0, minutes = 0, seconds = 0] = clock ?? units ?? [];
  const plain = /^\d{1,6}(\.\d+)?$/.test(text ?? '') ? Number(text) : undefined;
  return plain ?? Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
};
