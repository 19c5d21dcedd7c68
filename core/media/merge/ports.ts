import type { Target } from '../copy.ts';
import type { ReadRange } from '../ffmpeg/range-proxy.ts';
import type { Ffmpeg } from '../ffmpeg/resolve.ts';
import type { Limits } from './estimate.ts';

/** What merging needs of the world. */
export type MergePorts = {
  readonly archive: Target & {
    head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined>;
  };
  readonly read: ReadRange;
  readonly ffmpeg: () => Promise<Ffmpeg>;
  /** The folder in which a private directory is made for each piece of work. */
  readonly scratch: string;
  /** Of the place where this runs. */
  readonly limits: Limits;
};

/** One object of the archive that goes into a merge. */
export type Source = { readonly fileId: string; readonly key: string; readonly bytes: number };

/** A file that ffmpeg made, and where it goes. */
export type Product = {
  readonly path: string;
  readonly key: string;
  readonly contentType: string;
};

/** Everything that must not outlive the work. */
export type Workshop = {
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onPercent: (percent: number) => void;
};
