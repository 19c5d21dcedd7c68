import * as z from 'zod';
import { insights } from '../insight/insights.ts';
import { transcript } from '../transcript/transcript.ts';

const seconds = z.number();

/** One stretch of a recording that lies in a file of its own: who stops and starts again makes two. */
const piece = z.object({
  file: z.string(),
  /** Where it begins, on the clock of the whole recording, which transcript and insights count by. */
  fromSeconds: seconds,
  seconds: seconds.optional(),
});

/** What the page of a recording is made of: the answer of `GET /r/{jobId}/data`. */
export const recordingPage = z.object({
  jobId: z.string(),
  title: z.string().optional(),
  state: z.enum(['running', 'done', 'rejected', 'failed']),
  /** Why there is nothing, or not yet everything, to see: a sentence for the person who looks. */
  says: z.string().optional(),
  startedAt: z.string().optional(),
  timezone: z.string().optional(),
  minutes: z.number().optional(),
  linkEndsAt: z.string(),
  views: z.array(
    z.object({ name: z.string(), label: z.string(), kind: z.enum(['film', 'sound']), pieces: z.tuple([piece], piece) }),
  ),
  files: z.array(
    z.object({
      /** Its place in `/r/{jobId}/media/{name}`, to be played, and `/r/{jobId}/files/{name}`, to be saved. */
      name: z.string(),
      label: z.string(),
      extension: z.string(),
      kind: z.enum(['film', 'sound', 'words', 'other']),
      bytes: z.number(),
    }),
  ),
  transcript: transcript
    .omit({ segments: true })
    .extend({
      segments: z.array(
        transcript.shape.segments.element.pick({ id: true, startMs: true, endMs: true, speaker: true, text: true }),
      ),
    })
    .optional(),
  insights: insights.optional(),
  notes: z.array(z.string()),
});
export type RecordingPage = z.output<typeof recordingPage>;
export type View = RecordingPage['views'][number];
export type PageFile = RecordingPage['files'][number];

/** Where a file can be had for some minutes: the answer of `GET /r/{jobId}/media/{name}`. */
export const mediaAddress = z.object({ url: z.string() });
export type MediaAddress = z.output<typeof mediaAddress>;
