import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Job, JobFile } from '../../core/job/job.ts';
import { failures } from '../../core/step/failures.ts';
import type { FailureCode } from '../../core/step/failures.ts';
import { sha256Of } from '../../local/zoom/content.ts';
import type { Effect, Fault, InjectedFault, Route } from '../../local/zoom/faults.ts';
import { contentOf } from '../../local/zoom/media.ts';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';
import { meetingOf, soundFile, textFile } from '../fakes/one-file-meeting.ts';

jest.setTimeout(240_000);
/** All of it takes some seconds; a machine that has a lot to do is given more. */
const patience = 200_000;

type Named = { readonly text?: true; readonly faults: readonly Omit<Fault, 'fileId'>[] };
const once = (route: Route, effect: Effect, more: Partial<Fault> = {}): Named => ({
  faults: [{ route, effect, times: 1, ...more }],
});
const text = (named: Named): Named => ({ ...named, text: true });
const at = 50_000;

/** What costs a retry, another token or nothing at all, and never the file. By name: the file that it strikes. */
const passing: Record<string, Named> = {
  'a truncated body with Content-Length': once('storage', { kind: 'truncated', at, framing: 'content-length' }),
  'a truncated body in chunks': once('storage', { kind: 'truncated', at, framing: 'chunked' }),
  'a truncated body without Content-Length': once('storage', { kind: 'truncated', at, framing: 'none' }),
  'a reset in the middle': once('storage', { kind: 'reset', at }),
  'a reset before the first byte': once('storage', { kind: 'reset', at: 0 }),
  'a 429 with Retry-After in seconds': once('download', {
    kind: 'rateLimited',
    retryAfter: { form: 'seconds', seconds: 7 },
  }),
  'a 429 with Retry-After as an HTTP date': once('download', {
    kind: 'rateLimited',
    retryAfter: { form: 'http-date', seconds: 7 },
  }),
  'a 429 with Retry-After as an ISO date': once('download', {
    kind: 'rateLimited',
    retryAfter: { form: 'iso', seconds: 7 },
  }),
  'a 503 of the download host': once('download', { kind: 'error', status: 503 }),
  'a 500 of the storage, twice': once('storage', { kind: 'error', status: 500 }, { times: 2 }),
  'a 401 for the token of the webhook': once('download', { kind: 'unauthorized' }, { fromWebhook: true, times: 9 }),
  'a web page with 200, once': once('storage', { kind: 'html200' }),
  'the 59 bytes of JSON with 200, once': once('download', { kind: 'json59' }),
  'wrong first bytes, once': once('storage', { kind: 'wrongBytes' }),
  'a storage that ignores ranges': once('storage', { kind: 'ignoreRange' }, { times: 9 }),
  'neither length nor ETag': once('storage', { kind: 'unmeasured' }, { times: 9 }),
  'text in gzip that nobody asked for': text(once('storage', { kind: 'gzip' }, { times: 9 })),
};

/** What Zoom does not have any more: the others go on without it. */
const missing: Record<string, Named & { readonly because: string }> = {
  'a web page with 200, always': {
    faults: [{ route: 'storage', effect: { kind: 'html200' } }],
    because: 'Zoom delivered a web page titled "Error - Zoom" in place of the file',
  },
  'a 404': {
    faults: [{ route: 'download', effect: { kind: 'missing', as: '404' } }],
    because: 'Zoom answered 404',
  },
};

/** What a person has to hear of. */
const failing: Record<string, Named & { readonly code: FailureCode; readonly detail: RegExp }> = {
  'the 59 bytes of JSON with 200, always': {
    faults: [{ route: 'download', effect: { kind: 'json59' } }],
    ...{ code: 'DOWNLOAD_REFUSED', detail: /error code 124 \(Forbidden\)/ },
  },
  'a 401 for every token': {
    faults: [{ route: 'download', effect: { kind: 'unauthorized' } }],
    ...{ code: 'DOWNLOAD_REFUSED', detail: /Zoom answered with error code 124|401/ },
  },
  'a redirect to 169.254.169.254': {
    faults: [
      { route: 'download', effect: { kind: 'redirect', location: 'https://169.254.169.254/latest/meta-data/' } },
    ],
    ...{ code: 'DOWNLOAD_HOST_NOT_ALLOWED', detail: /^https:\/\/169\.254\.169\.254 is not an address of Zoom$/ },
  },
  'a redirect to http at 169.254.169.254': {
    faults: [{ route: 'download', effect: { kind: 'redirect', location: 'http://169.254.169.254/latest/meta-data/' } }],
    ...{ code: 'DOWNLOAD_HOST_NOT_ALLOWED', detail: /is not https$/ },
  },
  'a redirect to http at Zoom itself': {
    faults: [{ route: 'download', effect: { kind: 'redirect', location: 'http://ssrweb.zoom.us/replay/file.m4a' } }],
    ...{ code: 'DOWNLOAD_HOST_NOT_ALLOWED', detail: /^http:\/\/ssrweb\.zoom\.us is not https$/ },
  },
  'a redirect loop': {
    faults: [{ route: 'download', effect: { kind: 'redirectLoop' } }],
    ...{ code: 'DOWNLOAD_REFUSED', detail: /redirected too often/ },
  },
  'wrong first bytes, always': {
    faults: [{ route: 'storage', effect: { kind: 'wrongBytes' } }],
    ...{ code: 'FILE_NOT_AS_EXPECTED', detail: /first bytes are not those of a m4a file/ },
  },
};

let local: LocalCloud;
let passed: { meeting: SimulatedMeeting; job: Job; files: JobFile[]; injected: Map<string, InjectedFault> };
const failed = new Map<string, { meeting: SimulatedMeeting; job: Job; files: JobFile[] }>();

/** One meeting with a file for each fault, and one meeting for each fault that ends a machine. */
beforeAll(async () => {
  local = await bootLocalCloud();
  const { zoom, zoomAccountId } = local.cloud;
  const inject = (meeting: SimulatedMeeting, fileId: string, { faults }: Named): InjectedFault[] =>
    faults.map((fault) => zoom.inject({ ...fault, uuid: meeting.uuid, fileId }));

  const files = Object.entries(passing).map(([name, one]) => (one.text ? textFile(name) : soundFile(name)));
  const gone = Object.keys(missing).map((name) => soundFile(name));
  const all = local.recordThis(meetingOf('Passing faults', zoomAccountId, [...files, ...gone]));
  const injected = new Map<string, InjectedFault>();
  for (const [name, one] of Object.entries({ ...passing, ...missing }))
    for (const fault of inject(all.meeting, name, one)) injected.set(name, fault);
  const alone = Object.entries(failing).map(([name, one]) => {
    const recorded = local.recordThis(meetingOf(name, zoomAccountId, [soundFile('struck'), textFile('healthy')]));
    inject(recorded.meeting, 'struck', one);
    return { name, recorded };
  });
  for (const { announce } of [all, ...alone.map(({ recorded }) => recorded)]) await announce('recording.completed');

  const job = await local.closed(all.jobId, 1, patience);
  passed = { meeting: all.meeting, job, injected, files: await local.look.files(all.jobId) };
  for (const { name, recorded } of alone)
    failed.set(name, {
      meeting: recorded.meeting,
      job: await local.closed(recorded.jobId, 1, patience),
      files: await local.look.files(recorded.jobId),
    });
});
afterAll(async () => {
  await local.close();
  local.remove();
});

const sumOf = async (key: string): Promise<string> => {
  const bytes = await (await local.look.object(key)).Body?.transformToByteArray();
  return createHash('sha256')
    .update(bytes ?? new Uint8Array())
    .digest('hex');
};

test.each(Object.keys(passing))('%s ends with the file archived whole', async (name) => {
  const file = passed.files.find(({ zoomId }) => zoomId === name);
  expect(file).toMatchObject({ status: 'archived' });
  const source = passed.meeting.files.find(({ id }) => id === name);
  expect(await sumOf(file?.key ?? '')).toBe(source && sha256Of(contentOf(source.content)));
  expect(passed.injected.get(name)?.hits).toBeGreaterThan(0);
});

test.each(Object.entries(missing))('%s leaves the file missing with a reason', async (name, { because }) => {
  const file = passed.files.find(({ zoomId }) => zoomId === name);
  expect(file).toMatchObject({ status: 'missing', missingBecause: because });
  expect(await local.look.keys(file?.key ?? '-')).toEqual([]);
});

test('a recording on which all of these faults fall at once is done, and has burnt no attempt', () => {
  expect(passed.job).toMatchObject({ status: 'done', attempt: 1 });
});

test('how long a host wants to be left alone is read in all three forms, and told', () => {
  const told = local.lines.filter((line) => line.includes('asking for'));
  for (const form of ['seconds', 'HTTP date', 'ISO date'])
    expect(told.find((line) => line.includes(`429 with Retry-After`) && line.includes(form))).toMatch(
      /asking for [67] s/,
    );
});

test.each(Object.entries(failing))(
  '%s ends the recording with a code, and nothing of the file is archived',
  async (name, { code, detail }) => {
    const { job, files } = failed.get(name) ?? { files: [] };
    expect(job).toMatchObject({ status: 'failed', failure: { code, ...failures[code] } });
    expect(job?.failure?.detail).toMatch(detail);
    const struck = files.find(({ zoomId }) => zoomId === 'struck');
    expect(struck?.status).toBe('planned');
    expect(await local.look.keys(struck?.key ?? '-')).toEqual([]);
  },
);

test('a redirect loop is left after five hops', () => {
  const asked = local.cloud.zoom.requests.filter(
    ({ route, query }) => route === 'download' && query['hop'] !== undefined,
  );
  expect(Math.max(...asked.map(({ query }) => Number(query['hop'])))).toBe(5);
});

test('no token has reached the storage, and none is in a log', () => {
  expect(local.cloud.zoom.leaks()).toEqual([]);
  expect(local.lines.filter((line) => /eyJ[\w-]{20}|Signature=/.test(line))).toEqual([]);
});
