import * as z from 'zod';

/*
 * A recording as Zoom tells of it, in webhooks and over REST alike. Zoom's own documents disagree about which values
 * occur and which fields are always there, so unknown values pass, and what is not readable counts as not told.
 */

/** Longer than any address or token of Zoom's. */
const longestText = 8_192;

/** JSON can carry half of a surrogate pair; UTF-8, and so whatever stores or sends the text, cannot. */
const wellFormed = (value: string): string => Buffer.from(value, 'utf8').toString('utf8');

const text = z
  .unknown()
  .optional()
  .transform((value) => {
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' && value.length <= longestText ? wellFormed(value) : undefined;
  });

const amount = z
  .unknown()
  .optional()
  .transform((value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && number >= 0 && number <= Number.MAX_SAFE_INTEGER
      ? Math.round(number)
      : undefined;
  });

export const recordingFile = z.object({
  id: text,
  file_type: text,
  file_extension: text,
  file_name: text,
  file_size: amount,
  /** On-premise recordings have a path and no download address. */
  file_path: text,
  recording_type: text,
  recording_start: text,
  recording_end: text,
  status: text,
  download_url: text,
});
export type RecordingFile = z.output<typeof recordingFile>;

const list = z.array(z.unknown()).nullish();

/** The object of a recording event, and the answer of `GET /meetings/{uuid}/recordings`. */
export const zoomRecording = z.object({
  uuid: z.string().min(1),
  /** The meeting's number: sent as a number or as a string. */
  id: text,
  account_id: text,
  host_email: text,
  topic: text,
  start_time: text,
  timezone: text,
  /** Minutes. */
  duration: amount,
  password: text,
  recording_play_passcode: text,
  /** Over REST only, if it was asked for, and if the app may view the recording's content. */
  download_access_token: text,
  recording_files: list,
  participant_audio_files: list,
});
export type ZoomRecording = z.output<typeof zoomRecording>;
