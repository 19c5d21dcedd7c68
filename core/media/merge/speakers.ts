/** One recorded track of one person, in the time of the whole recording. */
export type Track = {
  readonly fileId: string;
  readonly name: string | undefined;
  readonly offsetMs: number;
  readonly durationSeconds: number;
};

/** One channel: all that one person said, also when the person left and came back. */
export type Speaker<Piece extends Track = Track> = { readonly name: string; readonly pieces: readonly Piece[] };

/** Two tracks of one person may touch; what overlaps longer is of two people who share a name. */
const overlapMs = 1_000;

/** Zoom writes the person's name behind a dash: "Audio only - Ada Lindqvist.m4a". */
export const nameIn = (fileName: string | undefined): string | undefined => {
  const bare = (fileName ?? '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\.m(4a|p4)$/i, '')
    .replace(/^\s*audio[ _]only\s*[-–—_]\s*/i, '')
    .replace(/\s+/g, ' ')
    .trim();
  return bare === '' ? undefined : bare.slice(0, 128);
};

const sameName = (name: string): string => name.normalize('NFKC').toLowerCase();

/** Channels in the order in which people were first heard. */
export const speakersOf = <Piece extends Track>(tracks: readonly Piece[]): Speaker<Piece>[] => {
  const channels: { name: string | undefined; pieces: Piece[]; endsMs: number }[] = [];
  const ordered = [...tracks].sort(
    (a, b) => a.offsetMs - b.offsetMs || (a.fileId < b.fileId ? -1 : Number(a.fileId > b.fileId)),
  );
  for (const track of ordered) {
    const { name, offsetMs } = track;
    const endsMs = offsetMs + track.durationSeconds * 1_000;
    const same =
      name === undefined
        ? undefined
        : channels.find(
            (one) =>
              one.name !== undefined && sameName(one.name) === sameName(name) && one.endsMs <= offsetMs + overlapMs,
          );
    if (same) {
      same.pieces.push(track);
      same.endsMs = Math.max(same.endsMs, endsMs);
    } else channels.push({ name, pieces: [track], endsMs });
  }
  const taken = new Map<string, number>();
  return channels.map(({ name, pieces }, index) => {
    const plain = name ?? `Speaker ${index + 1}`;
    const times = (taken.get(sameName(plain)) ?? 0) + 1;
    taken.set(sameName(plain), times);
    return { name: times === 1 ? plain : `${plain} (${times})`, pieces };
  });
};
