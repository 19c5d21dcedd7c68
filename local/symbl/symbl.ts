import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../gateway/clock.ts';
import { conversationOf, type Said } from './conversation.ts';
import { audioUrlShape, read, Refusal, tokenShape, type AudioRequest } from './request.ts';

export interface SymblOptions {
  readonly port: number;
  readonly appId: string;
  readonly appSecret: string;
  /** Jobs at once: fifty of an account that pays. */
  readonly mostAtOnce?: number;
  /** How long a job takes, in milliseconds. */
  readonly takes?: () => number;
  readonly said?: readonly Said[];
  readonly clock?: Clock;
}

type Status = 'scheduled' | 'in_progress' | 'completed' | 'failed';
type Job = {
  readonly id: string;
  readonly conversationId: string;
  readonly request: AudioRequest;
  readonly startedAt: number;
  status: Status;
};

export type LocalSymbl = Awaited<ReturnType<typeof startSymbl>>;

const tokenSeconds = 86_400;
const bodyLimit = 1_048_576;

/** A service that speaks Symbl's asynchronous API. It hears nothing: what is said comes from a script. */
export const startSymbl = async (options: SymblOptions) => {
  const { appId, appSecret, mostAtOnce = 50, takes = () => 50, said = [], clock = systemClock } = options;
  const jobs = new Map<string, Job>();
  const closing = new AbortController();
  const lives = new Set<Promise<void>>();
  const planned = {
    submissions: [] as (number | 'lost')[],
    webhooks: [] as ('lost' | 'twice' | 'id')[],
    ends: [] as Status[],
  };
  let token: { value: string; until: number } | undefined;
  let most = 0;
  let submitted = 0;

  const atWork = (): number =>
    [...jobs.values()].filter(({ status }) => status === 'scheduled' || status === 'in_progress').length;

  const tell = async ({ id, status, request: { webhookUrl } }: Job): Promise<void> => {
    const how = planned.webhooks.shift();
    if (webhookUrl === undefined || how === 'lost') return;
    // Documents say jobId; an older reader of it found id.
    const body = JSON.stringify(how === 'id' ? { id, status } : { jobId: id, status });
    for (let time = 0; time < (how === 'twice' ? 2 : 1); time += 1)
      await fetch(webhookUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
        () => undefined,
      );
  };

  /** The sound must be there without a redirect, and have the channels that are named. */
  const canHear = async ({ url, channelMetadata = [] }: AudioRequest): Promise<boolean> => {
    const response = await fetch(url, { redirect: 'error', headers: { range: 'bytes=0-65535' } }).catch(
      () => undefined,
    );
    if (!response?.ok) return false;
    const head = Buffer.from(await response.arrayBuffer());
    if (head.toString('latin1', 0, 4) !== 'fLaC' || head.length < 26) return true;
    const channels = (((head[20] ?? 0) >> 1) & 0x07) + 1;
    return channelMetadata.every(({ channel }) => channel <= channels);
  };

  const live = async (job: Job): Promise<void> => {
    const change = async (status: Status): Promise<void> => {
      job.status = status;
      await tell(job);
    };
    try {
      await change('in_progress');
      await clock.sleep(takes(), closing.signal);
      const end = planned.ends.shift() ?? ((await canHear(job.request)) ? 'completed' : 'failed');
      if (!closing.signal.aborted) await change(end);
    } catch {
      // Closed.
    }
  };

  const submit = (request: AudioRequest) => {
    const fault = planned.submissions.shift();
    if (typeof fault === 'number') throw new Refusal(fault, 'The service has a fault.');
    if (atWork() >= mostAtOnce)
      throw new Refusal(429, `This API has a limit of maximum of \`${mostAtOnce}\` concurrent jobs per account. If you are looking to higher concurrent limit, please contact support.`); // prettier-ignore
    const job: Job = {
      id: randomUUID(),
      conversationId: String(1e15 + submitted),
      request,
      startedAt: clock.now(),
      status: 'scheduled',
    };
    submitted += 1;
    jobs.set(job.id, job);
    most = Math.max(most, atWork());
    const life = live(job).finally(() => lives.delete(life));
    lives.add(life);
    return fault === 'lost' ? undefined : { conversationId: job.conversationId, jobId: job.id };
  };

  const tell404 = (): never => {
    throw new Refusal(404, 'Not found.');
  };
  const find = (path: string): object => {
    const [, jobId] = /^\/v1\/job\/([^/]+)$/.exec(path) ?? [];
    const job = jobId && jobs.get(decodeURIComponent(jobId));
    if (job) return { id: job.id, status: job.status };
    const [, conversationId, part = ''] = /^\/v1\/conversations\/([^/]+)\/([a-z-]+)$/.exec(path) ?? [];
    const of = [...jobs.values()].find((one) => one.conversationId === conversationId);
    if (!of || (part === 'summary' && of.status !== 'completed')) return tell404();
    const speakers = new Map((of.request.channelMetadata ?? []).map(({ channel, speaker }) => [channel, speaker.name]));
    const heard = of.status === 'completed' ? said : [];
    const told = conversationOf({ conversationId: of.conversationId, startedAt: of.startedAt, speakers }, heard);
    return Object.hasOwn(told, part) ? told[part as keyof typeof told] : tell404();
  };

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: object } | undefined> => {
    const { pathname } = new URL(request.url ?? '/', 'http://symbl');
    let text = '';
    for await (const chunk of request)
      if ((text += String(chunk)).length > bodyLimit) throw new Refusal(413, 'The body is too large.');
    if (request.method === 'POST' && pathname === '/oauth2/token:generate') {
      const given = read(tokenShape, text);
      if (given.appId !== appId || given.appSecret !== appSecret) throw new Refusal(401, 'Invalid appId or appSecret.');
      if (!token || token.until <= clock.now())
        token = { value: randomUUID(), until: clock.now() + tokenSeconds * 1_000 };
      return {
        status: 200,
        body: { accessToken: token.value, expiresIn: Math.floor((token.until - clock.now()) / 1_000) },
      };
    }
    if (!token || token.until <= clock.now() || request.headers.authorization !== `Bearer ${token.value}`)
      throw new Refusal(401, 'Token validation failed.');
    if (request.method === 'GET') return { status: 200, body: find(pathname) };
    if (request.method !== 'POST') throw new Refusal(405, 'Method not allowed.');
    if (pathname !== '/v1/process/audio/url') return tell404();
    const body = submit(read(audioUrlShape, text));
    return body && { status: 201, body };
  };

  const send = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (found) => (found ? send(response, found.status, found.body) : response.destroy()),
      (error: unknown) => {
        const { status, message } =
          error instanceof Refusal ? error : new Refusal(500, 'The stand-in met an unexpected error.');
        send(response, status, { statusCode: status, message });
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The most jobs that were at work at once, and how many there were at all. */
    mostAtOnce: () => most,
    submitted: () => submitted,
    requests: () => [...jobs.values()].map(({ request }) => request),
    job: (id: string) => jobs.get(id)?.status,
    /** A token that the service does not know any more. */
    forgetToken: () => void (token = undefined),
    /** The next submissions are refused with this status, or done and not answered. */
    planSubmissions: (...faults: (number | 'lost')[]) => void planned.submissions.push(...faults),
    /** What becomes of the next webhooks. */
    planWebhooks: (...faults: ('lost' | 'twice' | 'id')[]) => void planned.webhooks.push(...faults),
    /** How the next jobs end. */
    planEnds: (...ends: Status[]) => void planned.ends.push(...ends),
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.allSettled(lives);
    },
  };
};
