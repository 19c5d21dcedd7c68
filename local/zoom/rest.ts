import { answerWithFault, sendJson } from './answers.ts';
import { bearerOf } from './bearer.ts';
import type { Route } from './faults.ts';
import { findEndpoint } from './endpoints.ts';
import { readText } from './read-text.ts';
import { RestError } from './rest-error.ts';
import { secondsNow } from './world.ts';
import type { Exchange, RateLabel, World } from './world.ts';

/** Longer than any body that is sent to Zoom. */
const BODY_LIMIT = 10_000;

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

const faultScope = (world: World, route: Route, id: string, fileId: string): { uuid?: string; fileIds: string[] } => {
  if (route === 'user') return { fileIds: [] };
  if (route === 'userRecordings' || route === 'accountRecordings')
    return { fileIds: world.library.all().flatMap((meeting) => meeting.files.map((file) => file.id)) };
  const meeting = world.library.get(id) ?? world.library.latest(id);
  return meeting === undefined
    ? { fileIds: [] }
    : { uuid: meeting.uuid, fileIds: fileId === '' ? meeting.files.map((file) => file.id) : [fileId] };
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Everything below /v2. */
export const answerRest = async (
  world: World,
  exchange: Exchange,
  limiter: ReturnType<typeof createRateLimiter>,
): Promise<void> => {
  const { request, response, url, record } = exchange;
  try {
    const { endpoint, id, fileId } = findEndpoint(request.method ?? '', url.pathname);
    record.route = endpoint.route;
    const struck = world.faults.strike(endpoint.route, faultScope(world, endpoint.route, id, fileId));
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
    const body = endpoint.method === 'PUT' ? readJson(await readText(request, BODY_LIMIT)) : undefined;
    const answer = endpoint.answer({ world, id, fileId, query: url.searchParams, body, processing });
    if (answer === undefined) response.writeHead(204).end();
    else sendJson(response, 200, answer);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const { code, message, fields } = error;
    sendJson(response, error.status, { code, message, ...(fields === undefined ? {} : { errors: fields }) });
  }
};
