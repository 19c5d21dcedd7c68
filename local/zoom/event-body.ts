import { fileLists, fileShape } from './file-shape.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';

/** What an event needs beyond the meeting. */
export type EventParts = {
  readonly meeting: SimulatedMeeting;
  readonly files: readonly SimulatedFile[];
  readonly eventTs: number;
  readonly origin: string;
  /** None for an event without a token. */
  readonly downloadToken: string | undefined;
  readonly downloadUrl: (file: SimulatedFile) => string;
  /** Whose doing it is, if it is not the host's. */
  readonly operator?: Operator;
};

export type Operator = { readonly email: string; readonly id: string };

const head = ({ meeting }: EventParts) => ({
  id: meeting.id,
  uuid: meeting.uuid,
  host_id: meeting.hostId,
  topic: meeting.topic,
  type: meeting.type,
  start_time: meeting.startTime,
  timezone: meeting.timezone,
});

const files = (parts: EventParts) =>
  fileLists(parts.files, (file) =>
    fileShape(parts.meeting, file, { origin: parts.origin, downloadUrl: parts.downloadUrl(file), from: 'event' }),
  );

const finished = (parts: EventParts) => ({
  ...head(parts),
  account_id: parts.meeting.accountId,
  host_email: parts.meeting.hostEmail,
  duration: parts.meeting.duration,
  password: parts.meeting.password,
  share_url: parts.meeting.shareUrl,
  ...files(parts),
});

const status = (parts: EventParts, ended: boolean) => ({
  ...head(parts),
  duration: 0,
  recording_file: {
    recording_start: parts.meeting.files[0]?.start ?? parts.meeting.startTime,
    recording_end: ended ? (parts.meeting.files[0]?.end ?? parts.meeting.endTime) : null,
  },
});

const operated = (parts: EventParts) => ({
  ...head(parts),
  account_id: parts.meeting.accountId,
  duration: parts.meeting.duration,
  share_url: parts.meeting.shareUrl,
  ...files(parts),
});

type EventForm = {
  readonly object: (parts: EventParts) => Record<string, unknown>;
  /** Carries a `download_token`. */
  readonly token?: true;
  /** Names the person whose doing it is. */
  readonly operator?: true;
};

/** The events that can be announced; others are posted as they are, see `post`. */
export const EVENTS = {
  'recording.completed': {
    object: (parts) => ({
      ...finished(parts),
      on_prem: parts.files.some((file) => file.filePath !== undefined),
      recording_play_passcode: parts.meeting.playPasscode,
    }),
    token: true,
  },
  'recording.transcript_completed': { object: finished, token: true },
  'recording.started': { object: (parts) => status(parts, false) },
  'recording.paused': { object: (parts) => status(parts, true) },
  'recording.resumed': { object: (parts) => status(parts, false) },
  'recording.stopped': { object: (parts) => status(parts, true) },
  'recording.trashed': { object: operated, token: true, operator: true },
  'recording.deleted': { object: operated, operator: true },
  'recording.recovered': { object: operated, token: true, operator: true },
  // In meeting events the number is a string.
  'meeting.started': {
    object: (parts) => ({ ...head(parts), id: String(parts.meeting.id), duration: parts.meeting.duration }),
  },
  'meeting.ended': {
    object: (parts) => ({
      ...head(parts),
      id: String(parts.meeting.id),
      duration: parts.meeting.duration,
      end_time: parts.meeting.endTime,
    }),
  },
} satisfies Record<string, EventForm>;

export type EventName = keyof typeof EVENTS;

/** Events about what somebody did to a recording link to its files as listings do. */
export const isOperated = (event: EventName): boolean => (EVENTS[event] as EventForm).operator === true;

export const carriesToken = (event: EventName): boolean => (EVENTS[event] as EventForm).token === true;

export const eventBody = (event: EventName, parts: EventParts): string => {
  const form: EventForm = EVENTS[event];
  const { meeting, eventTs, downloadToken } = parts;
  const operator = parts.operator ?? { email: meeting.hostEmail, id: meeting.hostId };
  return JSON.stringify({
    event,
    event_ts: eventTs,
    payload: {
      account_id: meeting.accountId,
      ...(form.operator === true ? { operator: operator.email, operator_id: operator.id } : {}),
      object: form.object(parts),
    },
    // At the top level, not in the payload.
    ...(downloadToken === undefined ? {} : { download_token: downloadToken }),
  });
};
