import type { Transcript } from '../transcript/transcript.ts';
import type { Insights } from './insights.ts';

/**
 * Who spoke for how long. Times that overlap in one voice (captions that were corrected, words heard twice) count once;
 * two people who speak at once both speak. What nobody is known to have said counts for nobody and for no share.
 */
export const talkTimeOf = ({ segments, speakers }: Transcript): Insights['talkTime'] => {
  const spoken = new Map<string, { ms: number; until: number }>();
  for (const { speaker, startMs, endMs } of [...segments].sort((a, b) => a.startMs - b.startMs)) {
    if (speaker === undefined) continue;
    const { ms, until } = spoken.get(speaker) ?? { ms: 0, until: 0 };
    spoken.set(speaker, { ms: ms + Math.max(0, endMs - Math.max(startMs, until)), until: Math.max(until, endMs) });
  }
  const whole = [...spoken.values()].reduce((sum, { ms }) => sum + ms, 0);
  return speakers
    .map(({ id, name }) => ({ name, ms: spoken.get(id)?.ms ?? 0 }))
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms || (a.name < b.name ? -1 : 1))
    .map(({ name, ms }) => ({
      name,
      seconds: Math.round(ms / 1_000),
      share: Math.round((ms / whole) * 1_000) / 1_000,
    }));
};
