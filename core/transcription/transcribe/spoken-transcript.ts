import * as z from 'zod';
import { transcript } from '../../transcript/transcript.ts';

/** THE transcript, with what speech recognition knows beyond what captions tell: each word and how sure it is. */
export const spokenTranscript = transcript.extend({
  origin: z.literal('transcribe'),
  segments: z.array(
    transcript.shape.segments.element.extend({
      /** From 0 to 1, the mean of its words. */
      confidence: z.number().optional(),
      words: z.array(
        z.object({ text: z.string(), startMs: z.number(), endMs: z.number(), confidence: z.number().optional() }),
      ),
    }),
  ),
});
export type SpokenTranscript = z.output<typeof spokenTranscript>;
