import * as z from 'zod';
import { zoomRecording } from './recording.ts';

/** Anything that has the form of an event: enough to know what it is about. */
export const envelope = z.object({ event: z.string().min(1).max(200) });

export const urlValidation = z.object({
  event: z.literal('endpoint.url_validation'),
  payload: z.object({ plainToken: z.string().min(1).max(1_024) }),
});

/** The end of 2099. A token that is said to live longer is not believed. */
const latestSeconds = 4_102_444_799;

/** A meeting occurrence as recording events name it. The number is a string here: other events send it as one. */
const meetingNumber = z.union([z.string().regex(/^\d{1,20}$/), z.int().nonnegative().transform(String)]);

/** Padded base64 of 16 bytes; other forms of base64 are let through, nothing else. */
export const meetingUuid = z.string().regex(/^[A-Za-z0-9+/=_-]{8,64}$/, 'expected the uuid of a meeting');

/** As many files as one transaction on the job table takes; no meeting comes near. */
const files = z.array(z.unknown()).max(4_000).nullish();

export const recordingEvent = z.object({
  event: z.enum(['recording.completed', 'recording.transcript_completed']),
  /** Unix milliseconds. Only a hint: one that is no time counts as not told. */
  event_ts: z
    .int()
    .min(0)
    .max(latestSeconds * 1_000)
    .optional()
    .catch(undefined),
  download_token: z.string().min(1).max(8_192).optional(),
  payload: z.object({
    account_id: z.string().min(1).max(128),
    object: zoomRecording.extend({
      uuid: meetingUuid,
      id: meetingNumber,
      start_time: z.iso.datetime({ offset: true }),
      recording_files: files,
      participant_audio_files: files,
    }),
  }),
});
export type RecordingEvent = z.output<typeof recordingEvent>;

const tokenClaims = z.object({ exp: z.int().min(0).max(latestSeconds) });

/** Unix seconds at which a download token dies: its own claim, unverified, or 24 hours after the event. */
export const tokenExpiry = (token: string, eventMillis: number): number => {
  const [, claims = ''] = token.split('.');
  try {
    return tokenClaims.parse(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).exp;
  } catch {
    return Math.floor(eventMillis / 1_000) + 86_400;
  }
};
