/** What a clock on a wall shows. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface WallClock {
  readonly shownAt: (moment: number) => WallTime;
  /** Nothing for a time that the change to summer time leaves out; the first of two where it comes twice. */
  readonly momentOf: (time: WallTime) => number | undefined;
}

/** Throws a RangeError for a time zone that the IANA database does not have. */
export const wallClock = (timezone: string): WallClock => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  });
  const shown = (moment: number): WallTime => {
    const parts = format.formatToParts(moment);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
    return {
      ...{ year: part('year'), month: part('month'), day: part('day') },
      ...{ hour: part('hour'), minute: part('minute'), second: part('second') },
    };
  };
  /** As if it were UTC. */
  const asUtc = ({ year, month, day, hour, minute, second }: WallTime): number =>
    Date.UTC(year, month - 1, day, hour, minute, second);
  const offsetAt = (moment: number): number => asUtc(shown(moment)) - Math.floor(moment / 1_000) * 1_000;
  const dayMillis = 86_400_000;
  return {
    shownAt: shown,
    momentOf: (time) => {
      const local = asUtc(time);
      // The offsets before and after a change that may lie near; the larger one gives the earlier moment.
      const offsets = [offsetAt(local - dayMillis), offsetAt(local + dayMillis)].sort((a, b) => b - a);
      return offsets.map((offset) => local - offset).find((moment) => asUtc(shown(moment)) === local);
    },
  };
};
