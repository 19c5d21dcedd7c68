import * as z from 'zod';

/** A word as speech recognition heard it, with the punctuation that follows it. */
const word = z.object({
  text: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  /** From 0 to 1. */
  confidence: z.number().optional(),
});

/** THE transcript, whatever it was read from. Segments are in the order of their start. */
export const transcript = z.object({
  origin: z.enum(['zoom-vtt', 'transcribe', 'symbl']),
  /** BCP 47, where the source says it. */
  language: z.string().optional(),
  /** The end of the last segment, counted from the start of the recording. */
  durationMs: z.number(),
  speakers: z.array(z.object({ id: z.string(), name: z.string() })),
  segments: z.array(
    z.object({
      id: z.string(),
      startMs: z.number(),
      endMs: z.number(),
      /** The id of a speaker; absent where nobody knows who spoke. */
      speaker: z.string().optional(),
      /** One line of plain text: no markup, no entities. */
      text: z.string(),
      /** From 0 to 1, the mean of its words; absent where the source does not tell. */
      confidence: z.number().optional(),
      /** Absent where the source knows turns alone. */
      words: z.array(word).optional(),
    }),
  ),
});
export type Transcript = z.output<typeof transcript>;
export type Segment = Transcript['segments'][number];

export const speakerNames = ({ speakers }: Transcript): Map<string, string> =>
  new Map(speakers.map(({ id, name }) => [id, name]));
