import * as z from 'zod';

/** THE transcript, whatever it was read from. Segments are in the order of their start. */
export const transcript = z.object({
  origin: z.enum(['zoom-vtt']),
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
    }),
  ),
});
export type Transcript = z.output<typeof transcript>;
export type Segment = Transcript['segments'][number];

export const speakerNames = ({ speakers }: Transcript): Map<string, string> =>
  new Map(speakers.map(({ id, name }) => [id, name]));
