import { createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from './clock.ts';
import type { Drawer } from './drawer.ts';
import { readText } from './read-text.ts';

/** Within this time, in milliseconds, an endpoint has to say 2xx. */
const ANSWER_DEADLINE = 3000;
/** Zoom's waits before the second, third and fourth try. */
export const ZOOM_RETRY_DELAYS: readonly number[] = [5, 20, 60].map((minutes) => minutes * 60_000);
const ANSWER_LIMIT = 1_000_000;

export type Attempt = {
  readonly at: number;
  /** What `x-zm-trackingid` said; another one each time. */
  readonly trackingId: string;
  /** None if the endpoint did not answer. */
  readonly status: number | undefined;
  readonly answer: string;
  /** Why there was no answer. */
  readonly error: string | undefined;
};

export type Delivery = {
  readonly event: string;
  /** As it was signed and sent: it holds a download token. */
  readonly body: string;
  readonly attempts: readonly Attempt[];
  outcome: 'pending' | 'delivered' | 'failed';
  /** Resolves after the first attempt. */
  readonly attempted: Promise<void>;
  /** Resolves when it was delivered or given up. */
  readonly settled: Promise<void>;
};

/** A delivery that is not over, as it is kept over a restart. */
export type PendingDelivery = {
  readonly id: string;
  readonly url: string;
  readonly event: string;
  readonly body: string;
  readonly sourceAddress: string | undefined;
  /** The first try's `x-zm-request-timestamp`. */
  readonly stamp: string;
  /** How many tries there have been. */
  readonly tries: number;
  /** When the next one is. */
  readonly due: number;
};

export type Sender = {
  readonly clock: Clock;
  readonly webhookSecret: string;
  readonly retryDelays: readonly number[];
  /** A retry with the first try's timestamp and signature, or with its own. Zoom does not say which. */
  readonly restampRetries: boolean;
  /** Whether a 4xx is tried again; Zoom's own texts differ. */
  readonly retryClientErrors: boolean;
};

type Answer = { readonly status: number; readonly text: string };

/** `v0=` and the HMAC of timestamp and raw body, as `x-zm-signature` has it. */
export const signatureOf = (secret: string, timestamp: string, body: string | Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;

const post = (
  url: string,
  body: Buffer,
  headers: Record<string, string>,
  sourceAddress: string | undefined,
  clock: Clock,
  signal: AbortSignal,
) =>
  new Promise<Answer>((resolve, reject) => {
    const open = url.startsWith('https:') ? httpsRequest : httpRequest;
    const source = sourceAddress === undefined ? {} : { localAddress: sourceAddress };
    const request = open(url, { method: 'POST', headers, agent: false, signal, ...source });
    const cancel = clock.after(ANSWER_DEADLINE, () => request.destroy(new Error('no answer within 3 s')));
    const finish = (settle: () => void): void => {
      cancel();
      settle();
    };
    request.on('error', (error) => finish(() => reject(error)));
    request.on('response', (response) => {
      readText(response, ANSWER_LIMIT).then(
        (text) => finish(() => resolve({ status: response.statusCode ?? 0, text })),
        (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
    request.end(body);
  });

const isDelivered = (status: number): boolean => status >= 200 && status < 300;

/** Posts events as Zoom does, again and again if need be, and keeps the list of what became of them. */
export const createWebhooks = (sender: Sender, drawer: Drawer<PendingDelivery>) => {
  const { clock, webhookSecret } = sender;
  const deliveries: Delivery[] = [];
  const closing = new AbortController();
  const waits = new Set<() => void>();
  const left = [...drawer.found];

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(milliseconds, () => {
        waits.delete(stop);
        resolve();
      });
      const stop = (): void => {
        cancel();
        resolve();
      };
      waits.add(stop);
    });

  const attempt = async (url: string, body: string, timestamp: string, sourceAddress?: string): Promise<Attempt> => {
    const raw = Buffer.from(body, 'utf8');
    const at = clock.now();
    const trackingId = `WEB_${randomUUID().replaceAll('-', '')}`;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(raw.length),
      'user-agent': 'Zoom Marketplace/1.0a',
      clientid: 'local-simulator',
      'x-zm-trackingid': trackingId,
      'x-zm-request-id': randomUUID(),
      'x-zm-request-timestamp': timestamp,
      'x-zm-signature': signatureOf(webhookSecret, timestamp, raw),
    };
    try {
      const { status, text } = await post(url, raw, headers, sourceAddress, clock, closing.signal);
      return { at, trackingId, status, answer: text, error: undefined };
    } catch (error) {
      return {
        at,
        trackingId,
        status: undefined,
        answer: '',
        error: error instanceof Error ? error.message : String(error),
      };
    }
  };

  const timestampNow = (): string => String(Math.floor(clock.now() / 1000));

  /** Begins or goes on with a delivery, which then runs by itself. */
  const proceed = (start: PendingDelivery): Delivery => {
    const { id, url, event, body, stamp, sourceAddress } = start;
    const attempts: Attempt[] = [];
    let first = (): void => undefined;
    const attempted = new Promise<void>((resolve) => (first = resolve));
    const run = async (): Promise<void> => {
      drawer.put(id, start);
      for (let { tries, due } = start; !closing.signal.aborted;) {
        if (due > clock.now()) await pause(due - clock.now());
        if (closing.signal.aborted) break;
        const made = await attempt(url, body, sender.restampRetries ? timestampNow() : stamp, sourceAddress);
        // An attempt that was cut off by our own closing is made again by whoever goes on.
        if (closing.signal.aborted) break;
        attempts.push(made);
        const delay = sender.retryDelays[tries];
        const delivered = made.status !== undefined && isDelivered(made.status);
        const refused =
          made.status !== undefined && made.status >= 400 && made.status < 500 && !sender.retryClientErrors;
        if (delivered || refused || delay === undefined) {
          delivery.outcome = delivered ? 'delivered' : 'failed';
          break;
        }
        tries += 1;
        due = clock.now() + delay;
        drawer.put(id, { ...start, tries, due });
        first();
      }
      if (delivery.outcome !== 'pending') drawer.remove(id);
      first();
    };
    const delivery: Delivery = {
      event,
      body,
      attempts,
      outcome: 'pending',
      attempted,
      // Deferred by one turn, so that `delivery` exists when the run begins.
      settled: Promise.resolve().then(run),
    };
    deliveries.push(delivery);
    return delivery;
  };

  return {
    deliveries,
    deliver: (url: string, event: string, body: string, sourceAddress?: string): Delivery =>
      proceed({ id: randomUUID(), url, event, body, sourceAddress, stamp: timestampNow(), tries: 0, due: clock.now() }),
    /** Goes on, towards this URL, with what an earlier process left undelivered. Once, and before any new delivery. */
    resume: (url: string): void => {
      for (const delivery of left.splice(0)) proceed({ ...delivery, url });
    },
    /** The challenge of an endpoint: it has to echo the plain token and its HMAC, within the deadline. */
    challenge: async (url: string): Promise<{ readonly valid: boolean; readonly reason?: string }> => {
      const plainToken = randomUUID().replaceAll('-', '').slice(0, 22);
      const body = JSON.stringify({ payload: { plainToken }, event_ts: clock.now(), event: 'endpoint.url_validation' });
      const { status, answer, error } = await attempt(url, body, timestampNow());
      if (status !== 200) return { valid: false, reason: error ?? `answered ${status} instead of 200` };
      const expected = createHmac('sha256', webhookSecret).update(plainToken).digest('hex');
      try {
        const { plainToken: echoed, encryptedToken } = JSON.parse(answer) as Record<string, unknown>;
        if (echoed === plainToken && encryptedToken === expected) return { valid: true };
      } catch {
        return { valid: false, reason: 'the answer is not JSON' };
      }
      return { valid: false, reason: 'plainToken or encryptedToken is wrong' };
    },
    close: (): void => {
      closing.abort();
      for (const stop of waits) stop();
    },
  };
};
