import type { View } from '../../core/page/recording-page.ts';

type Piece = View['pieces'][number];

/** Which of the files holds a moment, and where in it. In a pause between two, the next one begins. */
export const placeOf = (pieces: readonly Piece[], seconds: number): { index: number; at: number } => {
  let index = 0;
  for (const [here, { fromSeconds }] of pieces.entries()) if (fromSeconds <= seconds) index = here;
  const piece = pieces[index];
  const at = Math.max(0, seconds - (piece?.fromSeconds ?? 0));
  const isOver = piece?.seconds !== undefined && at >= piece.seconds;
  if (isOver && index + 1 < pieces.length) return { index: index + 1, at: 0 };
  return { index, at };
};
