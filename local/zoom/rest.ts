import { answerWithFault, sendJson } from './answers.ts';
import { bearerOf } from './bearer.ts';
import type { Route } from './faults.ts';
import { listRecordings, listUserRecordings } from './recordings.ts';
import type { RestCall } from './rest-call.ts';
import { describeMeeting, describeUser, listParticipants } from './people.ts';
import { RestError } from './rest-error.ts';
import { secondsNow } from './world.ts';
import type { Exchange, RateLabel, World } from './world.ts';

type Endpoint = {
  readonly route: Route;
  readonly path: readonly [collection: string, ...after: string[]];
  readonly label: RateLabel;
  readonly scope: string;
  readonly answer: (call: RestCall) => unknown;
};

const ENDPOINTS: readonly Endpoint[] = [
  {
    route: 'recordings',
    path: ['meetings', 'recordings'],
    label: 'Light',
    scope: 'cloud_recording:read:list_recording_files:admin',
    answer: listRecordings,
  },
  {
    route: 'userRecordings',
    path: ['users', 'recordings'],
    label: 'Medium',
    scope: 'cloud_recording:read:list_user_recordings:admin',
    answer: listUserRecordings,
  },
  {
    route: 'pastMeeting',
    path: ['past_meetings'],
    label: 'Light',
    scope: 'meeting:read:past_meeting:admin',
    answer: describeMeeting,
  },
  {
    route: 'participants',
    path: ['past_meetings', 'participants'],
    label: 'Medium',
    scope: 'meeting:read:list_past_participants:admin',
    answer: listParticipants,
  },
  { route: 'user', path: ['users'], label: 'Light', scope: 'user:read:user:admin', answer: describeUser },
];

/** The granular scopes that the endpoints above ask for. */
export const ALL_SCOPES = ENDPOINTS.map(({ scope }) => scope);

/**
 * The id in a path. A gateway before the API decodes once and takes what it sees for the path, so an id that still
 * shows a slash then is another address; the API decodes the second time.
 */
const idFrom = (segment: string): string => {
  const once = decodeURIComponent(segment);
  if (once.includes('/')) throw new RestError(404, 2300, 'This API endpoint is not recognized.');
  try {
    return decodeURIComponent(once);
  } catch {
    return once;
  }
};

const findEndpoint = (method: string, pathname: string): { endpoint: Endpoint; id: string } => {
  const [, , collection, segment, ...after] = pathname.split('/');
  const endpoint = ENDPOINTS.find(({ path }) => [collection, ...after].join('/') === path.join('/'));
  if (endpoint === undefined || segment === undefined || segment === '' || method !== 'GET') {
    throw new RestError(404, 2300, 'This API endpoint is not recognized.');
  }
  return { endpoint, id: idFrom(segment) };
};

const authorise = (world: World, exchange: Exchange, scope: string): void => {
  const token = bearerOf(exchange.request);
  const claims = token === undefined ? undefined : world.tokens.read(token, 'access');
  if (claims === undefined) throw new RestError(401, 124, 'Invalid access token.');
  if (claims.exp <= secondsNow(world)) throw new RestError(401, 124, 'Access token is expired.');
  if (!(claims.scope ?? '').split(' ').includes(scope)) {
    throw new RestError(400, 4711, `Invalid access token, does not contain scopes:[${scope}].`);
  }
};

/** Requests a second per label, for the whole account. */
export const createRateLimiter = (world: World) => {
  const spent = new Map<RateLabel, { second: number; count: number }>();
  return (label: RateLabel): Record<string, string> => {
    const limit = world.habits.rateLimits[label];
    if (limit === undefined) return {};
    const second = secondsNow(world);
    const before = spent.get(label);
    const count = before?.second === second ? before.count + 1 : 1;
    spent.set(label, { second, count });
    return {
      'x-ratelimit-category': label,
      'x-ratelimit-type': 'QPS',
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(-1, limit - count)),
    };
  };
};

const faultScope = (world: World, route: Route, id: string): { uuid?: string; fileIds: string[] } => {
  if (route === 'user') return { fileIds: [] };
  if (route === 'userRecordings')
    return { fileIds: world.library.all().flatMap((meeting) => meeting.files.map((file) => file.id)) };
  const meeting = world.library.get(id) ?? world.library.latest(id);
  return meeting === undefined
    ? { fileIds: [] }
    : { uuid: meeting.uuid, fileIds: meeting.files.map((file) => file.id) };
};

/** Everything below /v2. */
export const answerRest = (world: World, exchange: Exchange, limiter: ReturnType<typeof createRateLimiter>): void => {
  const { request, response, url, record } = exchange;
  try {
    const { endpoint, id } = findEndpoint(request.method ?? '', url.pathname);
    record.route = endpoint.route;
    const struck = world.faults.strike(endpoint.route, faultScope(world, endpoint.route, id));
    if (answerWithFault(struck, endpoint.route, world, exchange)) return;
    authorise(world, exchange, endpoint.scope);
    const limits = limiter(endpoint.label);
    for (const [name, value] of Object.entries(limits)) response.setHeader(name, value);
    if (limits['x-ratelimit-remaining'] === '-1') {
      response.setHeader('x-ratelimit-remaining', '0');
      throw new RestError(
        429,
        429,
        'You have reached the maximum per-second rate limit for this API. Try again later.',
      );
    }
    const processing = struck.flatMap(({ effect, fileId }) =>
      effect.kind === 'processing' ? [{ fileId, bare: effect.bare === true }] : [],
    );
    sendJson(response, 200, endpoint.answer({ world, id, query: url.searchParams, processing }));
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const { code, message, fields } = error;
    sendJson(response, error.status, { code, message, ...(fields === undefined ? {} : { errors: fields }) });
  }
};
