import type { Route } from './faults.ts';
import { describeMeeting, describePlanned, describeUser, listParticipants } from './people.ts';
import { listAccountRecordings, listRecordings, listUserRecordings } from './recordings.ts';
import type { RestCall } from './rest-call.ts';
import { RestError } from './rest-error.ts';
import { describeTranscript } from './transcript-of.ts';
import { recoverRecordings, removeRecordings } from './trash.ts';
import type { RateLabel } from './world.ts';

export type Endpoint = {
  readonly route: Route;
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** `*` stands for an id. */
  readonly path: string;
  readonly label: RateLabel;
  readonly scope: string;
  /** Nothing means 204. */
  readonly answer: (call: RestCall) => unknown;
};

const RECORDING = 'meetings/*/recordings';

const ENDPOINTS: readonly Endpoint[] = [
  {
    route: 'recordings',
    method: 'GET',
    path: RECORDING,
    label: 'Light',
    scope: 'cloud_recording:read:list_recording_files:admin',
    answer: listRecordings,
  },
  {
    route: 'deleteRecordings',
    method: 'DELETE',
    path: RECORDING,
    label: 'Light',
    scope: 'cloud_recording:delete:meeting_recording:admin',
    answer: removeRecordings,
  },
  {
    route: 'deleteFile',
    method: 'DELETE',
    path: `${RECORDING}/*`,
    label: 'Light',
    scope: 'cloud_recording:delete:recording_file:admin',
    answer: removeRecordings,
  },
  {
    route: 'recoverRecordings',
    method: 'PUT',
    path: `${RECORDING}/status`,
    label: 'Light',
    scope: 'cloud_recording:update:recover_meeting_recordings:admin',
    answer: recoverRecordings,
  },
  {
    route: 'recoverFile',
    method: 'PUT',
    path: `${RECORDING}/*/status`,
    label: 'Light',
    scope: 'cloud_recording:update:recover_single_recording:admin',
    answer: recoverRecordings,
  },
  {
    route: 'transcript',
    method: 'GET',
    path: 'meetings/*/transcript',
    label: 'Medium',
    scope: 'cloud_recording:read:meeting_transcript:admin',
    answer: describeTranscript,
  },
  {
    route: 'meeting',
    method: 'GET',
    path: 'meetings/*',
    label: 'Light',
    scope: 'meeting:read:meeting:admin',
    answer: describePlanned,
  },
  {
    route: 'userRecordings',
    method: 'GET',
    path: 'users/*/recordings',
    label: 'Medium',
    scope: 'cloud_recording:read:list_user_recordings:admin',
    answer: listUserRecordings,
  },
  {
    route: 'accountRecordings',
    method: 'GET',
    path: 'accounts/*/recordings',
    label: 'Medium',
    scope: 'cloud_recording:read:list_account_recordings:admin',
    answer: listAccountRecordings,
  },
  {
    route: 'pastMeeting',
    method: 'GET',
    path: 'past_meetings/*',
    label: 'Light',
    scope: 'meeting:read:past_meeting:admin',
    answer: describeMeeting,
  },
  {
    route: 'participants',
    method: 'GET',
    path: 'past_meetings/*/participants',
    label: 'Medium',
    scope: 'meeting:read:list_past_participants:admin',
    answer: listParticipants,
  },
  {
    route: 'user',
    method: 'GET',
    path: 'users/*',
    label: 'Light',
    scope: 'user:read:user:admin',
    answer: describeUser,
  },
];

/** The granular scopes that the endpoints ask for. */
export const ALL_SCOPES = ENDPOINTS.map(({ scope }) => scope);

const unknown = (): RestError => new RestError(404, 2300, 'This API endpoint is not recognized.');

/**
 * The id in a path. A gateway before the API decodes once and takes what it sees for the path, so an id that still
 * shows a slash then is another address; the API decodes the second time.
 */
const idFrom = (segment: string): string => {
  const once = decodeURIComponent(segment);
  if (once.includes('/')) throw unknown();
  try {
    return decodeURIComponent(once);
  } catch {
    return once;
  }
};

/** The endpoint of an address below /v2 and the ids in it. */
export const findEndpoint = (method: string, pathname: string): { endpoint: Endpoint; id: string; fileId: string } => {
  const asked = pathname.split('/').slice(2);
  const endpoint = ENDPOINTS.find(({ path, ...one }) => {
    const wanted = path.split('/');
    return (
      one.method === method &&
      wanted.length === asked.length &&
      wanted.every((segment, index) => (segment === '*' ? asked[index] !== '' : segment === asked[index]))
    );
  });
  if (endpoint === undefined) throw unknown();
  const wanted = endpoint.path.split('/');
  const [id = '', fileId = ''] = asked.filter((_, index) => wanted[index] === '*').map(idFrom);
  return { endpoint, id, fileId };
};
