import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Clock } from '../gateway/clock.ts';
import { listen, stop } from '../zoom/listen.ts';
import { authenticator, type Users } from './authenticate.ts';
import { readMultipart, readUrlEncoded, type Fields } from './form.ts';
import { ingestService, plain, type Answer } from './ingest.ts';
import { openState, type Series, type Workflow, type WorkflowState } from './state.ts';
import { answerStatus } from './answer-status.ts';

export type OpencastOptions = {
  readonly folder: string;
  readonly port?: number;
  readonly clock: Clock;
  /** 19 and older lead whoever has no proof to a login page. */
  readonly version?: number;
  readonly users: Users;
  readonly series?: Readonly<Record<string, Series>>;
  readonly definitions?: readonly string[];
  readonly defaultDefinition?: string;
  readonly supportsAttachmentUri?: boolean;
};

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly fields: Fields;
  readonly status: number;
};

/** Which role opens what; `ROLE_ADMIN` opens everything. */
const roles: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/ingest\//, ['ROLE_CAPTURE_AGENT', 'ROLE_STUDIO']],
  [/^\/series\//, ['ROLE_ANONYMOUS']],
  [/^\/api\/events\//, ['ROLE_API_EVENTS_VIEW']],
  [/^\/api\/series\//, ['ROLE_API_SERIES_VIEW']],
  [/^\/api\/workflows\//, ['ROLE_API_WORKFLOW_INSTANCE_VIEW']],
  [/^\/api\/workflow-definitions\//, ['ROLE_API_WORKFLOW_DEFINITION_VIEW']],
];
const mostBytes = 5_000_000;

/**
 * An Opencast, as far as an ingest sees it: what it refuses, in which words, what it fetches, and how late its index
 * knows. Written after the sources of versions 17 to 20.
 */
export const startOpencast = async (options: OpencastOptions) => {
  const { clock, version = 20, users, definitions = ['schedule-and-upload', 'publish'] } = options;
  const { state, save } = openState(join(options.folder, 'opencast.json'), options.series ?? {});
  const asked: Asked[] = [];
  const running = new Map<string, number>();
  const failures: { path: RegExp; status: number | 'cut'; after: boolean }[] = [];
  let slowMs = 0;
  let indexDelayMs = 0;

  const counting = async <Result>(operation: string, run: () => Promise<Result>): Promise<Result> => {
    const add = (more: number): void => void running.set(operation, (running.get(operation) ?? 0) + more);
    add(1);
    try {
      return await run();
    } finally {
      add(-1);
    }
  };
  const ingest = ingestService({
    ...{ state, save, clock, definitions, counting },
    defaultDefinition: options.defaultDefinition ?? definitions[0] ?? '',
    supportsAttachmentUri: options.supportsAttachmentUri ?? false,
    indexDelayMs: () => indexDelayMs,
    pause: () => clock.sleep(slowMs, new AbortController().signal),
  });
  const proofOf = authenticator({ users, now: () => clock.now(), version });

  const route = async (method: string, path: string, query: URLSearchParams, fields: Fields): Promise<Answer> => {
    const [, call = '', rest] = /^\/ingest\/(\w+)(?:\/(.+))?$/.exec(path) ?? [];
    const argument = rest === undefined ? undefined : decodeURIComponent(rest);
    switch (`${method} ${call}`) {
      case 'GET createMediaPackage':
        return ingest.create();
      case 'PUT createMediaPackageWithID':
        return ingest.create(argument ?? '');
      case 'POST addDCCatalog':
        return ingest.addDublinCore(fields);
      case 'POST addCatalog':
        return ingest.addCatalog(fields);
      case 'POST addAttachment':
        return ingest.addAttachment(fields);
      case 'POST addTrack':
        return ingest.addTrack(fields);
      case 'POST ingest':
        return ingest.ingest(fields, argument);
      case 'POST addMediaPackage':
        return ingest.addMediaPackage(fields, argument);
      case 'POST discardMediaPackage':
        return { status: 200 };
    }
    return (
      (method === 'GET' ? answerStatus({ state, definitions, running, now: clock.now() }, path, query) : undefined) ??
      plain(404, 'Not Found')
    );
  };

  const fieldsOf = async (request: IncomingMessage): Promise<Fields | Answer> => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) return plain(413, 'too long for this stand-in');
      chunks.push(chunk);
    }
    const type = request.headers['content-type'] ?? '';
    const isWhole = (request.url ?? '').startsWith('/ingest/addMediaPackage');
    if (/^application\/x-www-form-urlencoded/i.test(type) && !isWhole)
      return readUrlEncoded(Buffer.concat(chunks).toString('utf8'));
    if (bytes === 0 && !isWhole) return [];
    const form = readMultipart(type, Buffer.concat(chunks));
    if (!form) return { status: 415 };
    return 'hasFile' in form ? plain(501, 'this stand-in takes addresses of files, not files') : form;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<Answer | 'cut'> => {
    const { method = 'GET' } = request;
    const fields = await fieldsOf(request);
    const remember = (answer: Answer): Answer => {
      const { headers } = request;
      asked.push({
        method,
        path: url.pathname,
        headers,
        fields: Array.isArray(fields) ? fields : [],
        status: answer.status,
      });
      return answer;
    };
    const proof = proofOf(request);
    if ('refusal' in proof) {
      for (const [name, value] of Object.entries(proof.refusal.headers)) response.setHeader(name, value);
      return remember({ status: proof.refusal.status });
    }
    const allowed = roles.find(([path]) => path.test(url.pathname))?.[1] ?? [];
    if (![...allowed, 'ROLE_ADMIN'].some((role) => role === 'ROLE_ANONYMOUS' || proof.roles.includes(role)))
      return remember({ status: 403, type: 'text/html', body: '<html><title>Access is denied</title></html>' });
    if ('status' in fields) return remember(fields);
    const failure = failures.find(({ path }) => path.test(`${method} ${url.pathname}`));
    if (failure) failures.splice(failures.indexOf(failure), 1);
    if (failure && !failure.after) return failure.status === 'cut' ? 'cut' : remember({ status: failure.status });
    const answer = remember(await route(method, url.pathname, url.searchParams, fields));
    if (!failure) return answer;
    return failure.status === 'cut' ? 'cut' : { status: failure.status };
  };

  const { server, origin } = await listen(options.port ?? 0, (request, response) => {
    void handle(request, response, new URL(request.url ?? '/', 'http://opencast')).then(
      (answer) => {
        if (answer === 'cut') return void request.socket.destroy();
        const { status, type, body = '' } = answer;
        response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
      },
      () => request.socket.destroy(),
    );
  });

  return {
    url: origin,
    close: () => stop(server),
    /** What was asked of it, in order. */
    asked,
    events: () => Object.values(state.events),
    workflows: (): readonly Workflow[] => state.workflows,
    /** What its workflows do is decided by whoever plays with it. */
    endWorkflow: (id: number, end: WorkflowState, because?: string): void => {
      const workflow = state.workflows.find((one) => one.id === id);
      if (!workflow) throw new Error(`there is no workflow ${id}`);
      Object.assign(workflow, { state: end, ...(because !== undefined && { because }) });
      save();
    },
    /** The next request that fits fails: before anything is done, or `after` it was. */
    failNext: (path: RegExp, status: number | 'cut', { after = false } = {}): void =>
      void failures.push({ path, status, after }),
    slowMedia: (milliseconds: number): void => void (slowMs = milliseconds),
    delayIndex: (milliseconds: number): void => void (indexDelayMs = milliseconds),
  };
};
export type LocalOpencast = Awaited<ReturnType<typeof startOpencast>>;
