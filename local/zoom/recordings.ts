import { fileLists, fileShape } from './file-shape.ts';
import { fileKeyOf } from './meeting.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';
import { findHost } from './people.ts';
import { integerIn, pageOf } from './rest-call.ts';
import type { RestCall } from './rest-call.ts';
import { RestError, invalidField } from './rest-error.ts';
import { secondsNow } from './world.ts';

/** Seven days. */
const MAX_TTL_SECONDS = 604_800;
const DEFAULT_TTL_SECONDS = 3600;
const DAY_MS = 86_400_000;

const restFile = (call: RestCall, meeting: SimulatedMeeting, file: SimulatedFile): Record<string, unknown> => {
  const { origins } = call.world;
  const unready = call.processing.find(({ fileId }) => fileId === undefined || fileId === file.id);
  if (unready?.bare === true) {
    return {
      meeting_id: meeting.uuid,
      recording_start: file.start,
      recording_end: '',
      file_type: '',
      file_size: 0,
      status: 'processing',
    };
  }
  const shape = fileShape(meeting, file, {
    origin: origins.main,
    downloadUrl: `${origins.main}/rec/download/${fileKeyOf(meeting, file)}`,
    from: 'rest',
  });
  return unready === undefined ? shape : { ...shape, status: 'processing' };
};

const recordingOf = (call: RestCall, meeting: SimulatedMeeting): Record<string, unknown> => ({
  uuid: meeting.uuid,
  id: meeting.id,
  account_id: meeting.accountId,
  host_id: meeting.hostId,
  topic: meeting.topic,
  // A number in events, a string in the API's own description.
  type: String(meeting.type),
  start_time: meeting.startTime,
  timezone: meeting.timezone,
  duration: meeting.duration,
  host_email: meeting.hostEmail,
  share_url: meeting.shareUrl,
  ...fileLists(call.world.library.listed(meeting), (file) => restFile(call, meeting, file)),
});

/** GET /meetings/{id or uuid}/recordings */
export const listRecordings = (call: RestCall): unknown => {
  const { world, id, query } = call;
  const ttl = integerIn(query, 'ttl', [0, MAX_TTL_SECONDS], DEFAULT_TTL_SECONDS);
  const meeting = world.library.get(id) ?? world.library.latest(id);
  if (meeting === undefined || world.library.listed(meeting).length === 0) {
    throw new RestError(404, 3301, 'This recording does not exist.');
  }
  const wantsToken = (query.get('include_fields') ?? '').split(',').includes('download_access_token');
  const claims = {
    accountId: world.accountId,
    mid: meeting.uuid,
    userId: meeting.hostId,
    exp: secondsNow(world) + ttl,
  };
  return {
    ...recordingOf(call, meeting),
    password: meeting.password,
    recording_play_passcode: meeting.playPasscode,
    ...(wantsToken ? { download_access_token: world.tokens.issue('download', claims) } : {}),
  };
};

const dayOf = (query: URLSearchParams, name: string, fallback: number): number => {
  const text = query.get(name);
  if (text === null) return fallback;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(day)) throw invalidField(name, 'The date must have the form yyyy-MM-dd.');
  return day;
};

const aMonthAfter = (day: number): number => {
  const date = new Date(day);
  return date.setUTCMonth(date.getUTCMonth() + 1);
};

const asDate = (day: number): string => new Date(day).toISOString().slice(0, 10);

/** The window of a listing: UTC days, both included, at most one month; more is silently cut. */
const windowOf = ({ world, query }: RestCall): { from: number; to: number } => {
  const today = Math.floor(world.clock.now() / DAY_MS) * DAY_MS;
  const from = dayOf(query, 'from', today - DAY_MS);
  return {
    from,
    to: Math.min(dayOf(query, 'to', query.has('from') ? aMonthAfter(from) : today), aMonthAfter(from)),
  };
};

const listOf = (call: RestCall, ofWhom: (meeting: SimulatedMeeting) => boolean): unknown => {
  const { world, query } = call;
  const { from, to } = windowOf(call);
  const number = query.get('meeting_id');
  const wanted = world.library
    .all()
    .filter(ofWhom)
    .filter(({ id, uuid }) => number === null || number === String(id) || number === uuid)
    .sort((a, b) => b.startTime.localeCompare(a.startTime));
  const isTrash = query.get('trash') === 'true';
  const found = isTrash
    ? wanted.filter((meeting) => isInTrash(call, meeting))
    : wanted
        .filter((meeting) => world.library.listed(meeting).length > 0)
        .filter(({ startTime }) => Date.parse(startTime) >= from && Date.parse(startTime) < to + DAY_MS);
  const { items, figures } = pageOf(call, found);
  const shown = isTrash ? (meeting: SimulatedMeeting) => trashedOf(call, meeting) : undefined;
  return {
    from: asDate(from),
    to: asDate(to),
    ...figures,
    meetings: items.map((meeting) => {
      // Tracks of single speakers stand in the meeting's own listing only.
      const { participant_audio_files: _tracks, ...listed } = shown?.(meeting) ?? recordingOf(call, meeting);
      return listed;
    }),
  };
};

/** The trash holds whole recordings or single files; a listing shows one of the two. Dates do not matter to it. */
const isInTrash = ({ world, query }: RestCall, meeting: SimulatedMeeting): boolean => {
  const type = query.get('trash_type') ?? 'meeting_recordings';
  if (type !== 'meeting_recordings' && type !== 'recording_file')
    throw invalidField('trash_type', 'The type must be meeting_recordings or recording_file.');
  const isWhole = world.library.listed(meeting).length === 0;
  return world.library.trashed(meeting).length > 0 && isWhole === (type === 'meeting_recordings');
};

const trashedOf = (call: RestCall, meeting: SimulatedMeeting): Record<string, unknown> => {
  const trashed = call.world.library.trashed(meeting);
  const since = new Map(trashed.map((one) => [one.file, new Date(one.since).toISOString()]));
  return {
    ...recordingOf(call, meeting),
    ...fileLists([...since.keys()], (file) => ({ ...restFile(call, meeting, file), deleted_time: since.get(file) })),
  };
};

/** GET /users/{id, address or me}/recordings */
export const listUserRecordings = (call: RestCall): unknown => {
  const host = findHost(call.world, call.id);
  return listOf(call, (meeting) => meeting.hostId === host.hostId);
};

/** GET /accounts/{id or me}/recordings */
export const listAccountRecordings = (call: RestCall): unknown => {
  if (call.id !== 'me' && call.id !== call.world.accountId)
    throw new RestError(404, 2001, `Account does not exist: ${call.id}.`);
  return listOf(call, () => true);
};
