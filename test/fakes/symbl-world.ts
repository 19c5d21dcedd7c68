import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { symblHttp } from '../../core/aws/symbl.ts';
import { defaultWindowMs, openLeases } from '../../core/lease/leases.ts';
import { jsonRoute } from '../../core/step/json-route.ts';
import type { Asked } from '../../core/symbl/asked-rows.ts';
import { callbackBody, callbackUrlOf } from '../../core/symbl/callback.ts';
import { symblClient } from '../../core/symbl/client.ts';
import { symblDriver } from '../../core/symbl/driver.ts';
import { symblCallback } from '../../functions/http/symbl-callback/symbl-callback.ts';
import { startSymbl, type SymblOptions } from '../../local/symbl/symbl.ts';
import { fakeLeaseRows } from './lease-rows.ts';
import { lambdaContext } from './lambda.ts';
import { fakeSpeechRows } from './speech-rows.ts';

export const prefix = 'rapporteur-dev.';
export const callbackKey = 'k'.repeat(40);
const app = { appId: 'app', appSecret: 'app-secret' };

/** The head of a FLAC file with so many channels. */
const flac = (channels: number): Buffer => {
  const head = Buffer.alloc(42);
  head.write('fLaC', 0, 'latin1');
  head[20] = (channels - 1) << 1;
  return head;
};

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The adapter against the stand-in over HTTP, with rows and places in memory, a bucket, and the route for callbacks. */
export const openSymblWorld = async ({
  cap = 50,
  credentials = app,
  ...options
}: Partial<SymblOptions> & { cap?: number; credentials?: typeof app } = {}) => {
  const time = { ms: Date.parse('2026-01-12T16:00:00Z') };
  const now = () => time.ms;
  const symbl = await startSymbl({ port: 0, ...app, ...options });
  const rows = fakeSpeechRows(() => new Date(now()));
  const leases = openLeases(fakeLeaseRows(), { driver: 'symbl', cap, windowMs: defaultWindowMs }, now);
  const marks = new Map<string, number>();
  const asked: Asked = {
    add: (name) => Promise.resolve(!marks.has(name) && Boolean(marks.set(name, now()))),
    since: (name) => Promise.resolve(marks.get(name)),
    remove: (name) => Promise.resolve(void marks.delete(name)),
  };
  const answered: string[] = [];
  const texts = new Map<string, string>();
  const refusals: number[] = [];

  const bucket = createServer((request, response) => {
    const channels = Number(/(\d+)-channels/.exec(request.url ?? '')?.[1] ?? 1);
    response.writeHead(request.url?.includes('gone') ? 404 : 206);
    response.end(flac(channels));
  });
  const bucketUrl = await listen(bucket);

  const client = symblClient({
    http: symblHttp(),
    baseUrl: symbl.url,
    credentials: () => Promise.resolve(credentials),
    now,
  });
  const hook: { url: string } = { url: '' };
  const driver = symblDriver({
    client,
    asked,
    now,
    presign: (key) => Promise.resolve(`${bucketUrl}/${key}?signature=secret`),
    read: (key) => Promise.resolve(texts.get(key)),
    callback: (jobId) => Promise.resolve(callbackUrlOf(hook.url, jobId, callbackKey)),
  });
  const ports = {
    ...{ driver, rows, leases, prefix, now: () => new Date(now()) },
    answer: (token: string) => Promise.resolve(!answered.includes(token) && answered.push(token) > 0),
  };

  const route = jsonRoute({
    name: 'symblCallback',
    input: callbackBody,
    run: symblCallback({ key: () => Promise.resolve(callbackKey), speech: ports, asked }),
  });
  const api = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const [, jobId, secret] = /^\/callbacks\/symbl\/([^/]+)\/([^/]+)$/.exec(request.url ?? '') ?? [];
      const event = {
        headers: request.headers,
        pathParameters: { jobId, secret },
        body,
      } as unknown as APIGatewayProxyEventV2;
      const { statusCode = 500, body: text = '' } = await route(event, lambdaContext());
      if (statusCode !== 200) refusals.push(statusCode);
      response.writeHead(statusCode);
      response.end(text);
    })();
  });
  hook.url = await listen(api);

  return {
    symbl, driver, ports, rows, leases, asked, answered, texts, client, refusals,
    url: hook.url,
    pass: (milliseconds: number) => void (time.ms += milliseconds),
    held: async () => (await leases.rows.list('symbl')).map(({ holder }) => holder),
    statuses: () => [...rows.stored.values()].map(({ status, attempt }) => `${status} ${attempt}`),
    close: () => Promise.all([symbl.close(), close(bucket), close(api)]),
  }; // prettier-ignore
};

export type SymblWorld = Awaited<ReturnType<typeof openSymblWorld>>;
