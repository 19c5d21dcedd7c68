export type Word = {
  /** With the punctuation that follows it. A driver that knows no single words gives what was said as one. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** From 0 to 1. */
  readonly confidence?: number;
  /** `spk_0`, where voices were told apart. */
  readonly label?: string;
};

export type Heard = { readonly words: readonly Word[]; readonly language?: string };

export type HeardTrack = {
  /** Who is on it; absent where all voices are on one track, told apart by labels. Equal names are one person. */
  readonly speaker?: string;
  /** Where its beginning is in the recording. */
  readonly offsetMs: number;
  readonly heard: Heard;
};
