import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendJson } from './answers.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { answerDownload, answerStorage } from './downloads.ts';
import { ALL_SCOPES } from './endpoints.ts';
import { carriesToken, eventBody, isOperated } from './event-body.ts';
import type { EventName, Operator } from './event-body.ts';
import { openDrawer } from './drawer.ts';
import { createFaults } from './faults.ts';
import { listen, stop, urlOf } from './listen.ts';
import { createLibrary, fileKeyOf } from './meeting.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';
import { answerToken } from './oauth.ts';
import { createRequestLog } from './requests.ts';
import type { RecordedRequest } from './requests.ts';
import { answerRest, createRateLimiter } from './rest.ts';
import { createTokens } from './tokens.ts';
import { ZOOM_RETRY_DELAYS, createWebhooks } from './webhooks.ts';
import type { Delivery } from './webhooks.ts';
import { secondsNow } from './world.ts';
import type { Exchange, Habits, World } from './world.ts';

export type ZoomOptions = {
  readonly port: number;
  /** Where recordings and undelivered events outlive the process; without it they do not. */
  readonly folder?: string;
  /** Of the origin with the signed URLs. */
  readonly storagePort?: number;
  readonly accountId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookSecret: string;
  /** Where events go, if it listens already; otherwise `validate` sets it, and goes on with what was undelivered. */
  readonly webhookUrl?: string;
  readonly clock?: Clock;
  /** Milliseconds before each repeated delivery. */
  readonly delays?: readonly number[];
  readonly restampRetries?: boolean;
  readonly retryClientErrors?: boolean;
  readonly habits?: Partial<Habits>;
  readonly onRequest?: (request: RecordedRequest) => void;
};

export type AnnounceOptions = {
  /** Other files than the event would name by itself. */
  readonly fileIds?: readonly string[];
  /** Another `download_token`; `null` for none. */
  readonly token?: string | null;
  /** Life of the token from now on, in seconds; a negative one has expired already. */
  readonly tokenSeconds?: number;
  /** Says it twice, almost at once, from two addresses, with two tokens and two sets of URLs. */
  readonly duplicate?: boolean;
};

/** Whoever made the app: what it does over REST is this person's doing. */
export const OPERATOR: Operator = { email: 'root@fjordlight.example', id: 'rOoT0aB1cD2eF3gH4iJkL0' };

/** 24 hours less a second, as measured on a real token. */
const WEBHOOK_TOKEN_SECONDS = 86_399;
/** A second source for duplicates; other systems than Linux answer on 127.0.0.1 alone. */
const OTHER_SOURCE = process.platform === 'linux' ? '127.0.0.2' : undefined;

const namedFiles = (
  event: EventName,
  meeting: SimulatedMeeting,
  fileIds: readonly string[] | undefined,
): SimulatedFile[] => {
  if (fileIds !== undefined) {
    return fileIds.map((id) => {
      const file = meeting.files.find((candidate) => candidate.id === id);
      if (file === undefined) throw new Error(`The meeting ${meeting.uuid} has no file ${id}.`);
      return file;
    });
  }
  if (event === 'recording.transcript_completed') return meeting.files.filter((file) => file.fileType === 'TRANSCRIPT');
  return meeting.files.filter((file) => file.later !== true);
};

/** Zoom as an integration sees it: OAuth, REST, downloads by redirect to a second origin, and signed webhooks. */
export const startZoom = async (options: ZoomOptions) => {
  const clock = options.clock ?? systemClock;
  if (options.webhookSecret === '' || options.clientSecret === '')
    throw new Error('The Zoom simulator needs both secrets.');
  const world: World = {
    accountId: options.accountId,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    clock,
    tokens: createTokens(`${options.clientSecret}\n${options.webhookSecret}`),
    library: createLibrary(openDrawer(options.folder, 'meetings'), () => clock.now()),
    faults: createFaults(),
    habits: {
      badTokenAnswer: '401',
      ranges: true,
      signedUrlSeconds: 3600,
      rateLimits: {},
      scopes: ALL_SCOPES,
      ...options.habits,
    },
    tell: (event, { meeting, files }) => {
      // Nobody has subscribed yet: Zoom tells nobody, then or later.
      if (webhookUrl === undefined) return;
      const body = compose(meeting.uuid, event, { fileIds: files.map(({ id }) => id) }, OPERATOR);
      webhooks.deliver(webhookUrl, event, body);
    },
    origins: { main: '', storage: '' },
  };
  const { library, faults, tokens, origins } = world;
  const log = createRequestLog(() => clock.now(), options.onRequest);
  const limiter = createRateLimiter(world);
  let { webhookUrl } = options;

  const answerMain = async (exchange: Exchange): Promise<void> => {
    const { pathname } = exchange.url;
    const [, area, kind, fileKey = ''] = pathname.split('/');
    if (pathname === '/oauth/token') return answerToken(world, exchange);
    if (area === 'v2') return answerRest(world, exchange, limiter);
    if (area === 'rec' && (kind === 'download' || kind === 'webhook_download')) {
      return answerDownload(world, exchange, kind === 'webhook_download', fileKey);
    }
    sendJson(exchange.response, 404, { code: 2300, message: 'This API endpoint is not recognized.' });
  };
  const guarded = (answer: Promise<void>, response: ServerResponse): void => {
    answer.catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { code: 500, message: `The Zoom simulator failed: ${message}` });
    });
  };
  const main = await listen(options.port, (request, response) => {
    const url = urlOf(request, origins.main);
    guarded(answerMain({ request, response, url, record: log.record('main', request, url, response) }), response);
  });
  const storage = await listen(options.storagePort ?? 0, (request, response) => {
    const url = urlOf(request, origins.storage);
    guarded(
      answerStorage(world, { request, response, url, record: log.record('storage', request, url, response) }),
      response,
    );
  });
  Object.assign(origins, { main: main.origin, storage: storage.origin });
  const webhooks = createWebhooks(
    {
      clock,
      webhookSecret: options.webhookSecret,
      retryDelays: options.delays ?? ZOOM_RETRY_DELAYS,
      restampRetries: options.restampRetries ?? false,
      retryClientErrors: options.retryClientErrors ?? true,
    },
    openDrawer(options.folder, 'undelivered'),
  );

  if (webhookUrl !== undefined) webhooks.resume(webhookUrl);

  const target = (): string => {
    if (webhookUrl === undefined) throw new Error('No webhook URL: pass webhookUrl, or call validate(url) first.');
    return webhookUrl;
  };

  const webhookToken = (meeting: SimulatedMeeting, seconds = WEBHOOK_TOKEN_SECONDS): string =>
    tokens.issue('webhook', {
      accountId: meeting.accountId,
      mid: meeting.uuid,
      userId: meeting.hostId,
      exp: secondsNow(world) + seconds,
    });

  /** The text of an event, with URLs and a token that no other event has. */
  const compose = (uuid: string, event: EventName, choice: AnnounceOptions = {}, operator?: Operator): string => {
    const meeting = library.find(uuid);
    const files = namedFiles(event, meeting, choice.fileIds);
    const issued =
      choice.token === undefined && carriesToken(event) ? webhookToken(meeting, choice.tokenSeconds) : choice.token;
    const eventKey = randomBytes(18).toString('base64url');
    return eventBody(event, {
      meeting,
      files,
      eventTs: clock.now(),
      origin: origins.main,
      downloadToken: issued ?? undefined,
      downloadUrl: (file) =>
        isOperated(event)
          ? `${origins.main}/rec/download/${fileKeyOf(meeting, file)}`
          : `${origins.main}/rec/webhook_download/${fileKeyOf(meeting, file)}/${eventKey}`,
      ...(operator && { operator }),
    });
  };

  return {
    /** REST base is `${url}/v2`. */
    url: origins.main,
    oauthUrl: `${origins.main}/oauth/token`,
    downloadOrigin: origins.main,
    storageOrigin: origins.storage,
    habits: world.habits,
    addMeeting: library.add,
    /** Deletes a meeting's files at Zoom, or only some. */
    removeFiles: library.remove,
    compose: (uuid: string, event: EventName, choice?: AnnounceOptions): string => compose(uuid, event, choice),
    /** Tells the webhook, and repeats until it listens. Resolves after the first try of each delivery. */
    announce: async (uuid: string, event: EventName, choice: AnnounceOptions = {}): Promise<Delivery[]> => {
      const url = target();
      const sources = choice.duplicate === true ? [undefined, OTHER_SOURCE] : [undefined];
      const bodies = sources.map(() => compose(uuid, event, choice));
      const meeting = library.find(uuid);
      if (carriesToken(event)) library.announce(meeting, namedFiles(event, meeting, choice.fileIds));
      const deliveries = bodies.map((body, index) => webhooks.deliver(url, event, body, sources[index]));
      await Promise.all(deliveries.map(({ attempted }) => attempted));
      return deliveries;
    },
    /** Sends a text of the caller's making, properly signed. */
    post: async (body: string): Promise<Delivery> => {
      const delivery = webhooks.deliver(target(), 'custom', body);
      await delivery.attempted;
      return delivery;
    },
    /** Challenges an endpoint; one that passes gets the events from now on. */
    validate: async (url: string): Promise<{ readonly valid: boolean; readonly reason?: string }> => {
      const result = await webhooks.challenge(url);
      if (result.valid) {
        webhookUrl = url;
        webhooks.resume(url);
      }
      return result;
    },
    inject: faults.inject,
    faults,
    deliveries: webhooks.deliveries as readonly Delivery[],
    requests: log.requests as readonly RecordedRequest[],
    /** Requests that brought a token to the storage. */
    leaks: (): RecordedRequest[] =>
      log.requests.filter(({ origin, carriedAuthorization }) => origin === 'storage' && carriedAuthorization),
    close: async (): Promise<void> => {
      webhooks.close();
      faults.clear();
      await Promise.all([stop(main.server), stop(storage.server)]);
    },
  };
};

export type Zoom = Awaited<ReturnType<typeof startZoom>>;
