import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { findInsights } from '../../../core/insight/find-insights.ts';
import { insights } from '../../../core/insight/insights.ts';
import type { JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { callbackUrlOf } from '../../../core/symbl/callback.ts';
import { symblEngine } from '../../../core/symbl/symbl-engine.ts';
import { interleave } from '../../../core/transcription/interleave.ts';
import { settleWork } from '../../../core/transcription/settle-work.ts';
import { startWorks } from '../../../core/transcription/start-works.ts';
import type { Said } from '../../../local/symbl/conversation.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { until } from '../../fakes/local-cloud.ts';
import { jobId, soundFile } from '../../fakes/speech.ts';
import { callbackKey, openSymblWorld, type SymblWorld } from '../../fakes/symbl-world.ts';
import { talk } from '../../unit/insight/talk.ts';

jest.setTimeout(60_000);

const said: Said[] = [
  { channel: 1, text: 'Today we plan the launch of the reading room.', startSeconds: 1, durationSeconds: 4 },
  { channel: 2, text: "I'll send the test build to Carla.", startSeconds: 6, durationSeconds: 3 },
  { channel: 3, text: 'What happens to the old catalogue?', startSeconds: 10, durationSeconds: 3 },
  { channel: 1, text: 'I will call the finance team.', startSeconds: 14, durationSeconds: 3 },
];
const people = ['Ada Lovelace', 'Bob Chen', 'Carla Ruiz'];
const folder = 'meeting/3-channels/';
const merge: JobMerge = {
  ...{ jobId, name: 'participants', kind: 'audio', index: 0, status: 'done' },
  inputs: [{ fileId: 'f1', key: 'meeting/f1.m4a' }],
  outputs: [`${folder}mixed.m4a`, `${folder}speakers.flac`, `${folder}speakers.json`],
};
const merged = { files: [] as JobFile[], merges: [merge] };

let world: SymblWorld;
let log: CapturedLog;
const open = async (options: Parameters<typeof openSymblWorld>[0] = {}): Promise<void> => {
  await world?.close();
  world = await openSymblWorld({ said, takes: () => 20, ...options });
  const channels = people.map((speaker, channel) => ({ channel, speaker, tracks: [] }));
  world.texts.set(`${folder}speakers.json`, JSON.stringify({ files: [{ file: 'speakers.flac', channels }] }));
};
beforeEach(async () => {
  log = captureLog();
  await open();
});
afterEach(async () => {
  await world.close();
  log.release();
  // The addresses of sound and callbacks are as good as a password.
  expect(log.text()).not.toMatch(/signature=secret|\/callbacks\//);
});

const start = (recorded: Parameters<typeof startWorks>[2] = merged) => startWorks(world.ports, jobId, recorded);
const works = () => world.rows.works(jobId, 'symbl');
const answered = () => until(() => world.answered.length > 0);
const transcript = async () => {
  const [work] = await works();
  const tracks = work ? await world.driver.result(work) : [];
  return 'because' in tracks ? talk() : interleave(tracks, 'symbl');
};

describe('A recording of several people at a Symbl-compatible service', () => {
  test('is one file with a channel for each, and comes back as a transcript with their names', async () => {
    await world.rows.wait(jobId, 'token');
    expect(await start()).toBe('started');
    expect(world.symbl.requests()).toMatchObject([
      {
        enableSeparateRecognitionPerChannel: true,
        channelMetadata: people.map((name, index) => ({ channel: index + 1, speaker: { name } })),
      },
    ]);
    await answered();
    expect(world.statuses()).toEqual(['heard 1']);
    expect(await world.held()).toEqual([]);
    const heard = await transcript();
    expect(heard.segments.map(({ text }) => text)).toEqual(said.map(({ text }) => text));
    expect(heard.speakers.map(({ name }) => name)).toEqual(people);
    expect(heard.segments[1]).toMatchObject({ startMs: 6_000, confidence: 0.97 });
  });

  test('has the insights that the service found, each at its moment; talk time is ours', async () => {
    await world.rows.wait(jobId, 'token');
    await start();
    await answered();
    const heard = await transcript();
    const engine = symblEngine({ client: world.client, rows: world.rows });
    const found = await engine(heard, { jobId }, new AbortController().signal);
    expect(insights.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      engine: 'symbl',
      summary: { short: expect.stringContaining('launch of the reading room') },
      actionItems: [{ assignee: 'Bob Chen', startMs: 6_000 }, { assignee: 'Ada Lovelace' }],
      followUps: [{ assignee: 'Ada Lovelace', due: '2026-02-02' }],
      questions: [{ askedBy: 'Carla Ruiz', segmentIds: ['3'], answered: false }],
    });
    expect(found?.talkTime).toEqual(findInsights(heard).talkTime);
    const zoom = talk('Ada: I will write the report by Friday.', 'Bob: This is what we have so far, and it is in the notes.');
    expect(await engine(zoom, { jobId }, new AbortController().signal)).toMatchObject({ engine: 'extractive' });
  }); // prettier-ignore

  test('is not sent again when it is started again', async () => {
    await start();
    await start();
    expect(world.symbl.submitted()).toBe(1);
  });
});

describe('What the service tells', () => {
  const post = (url: string, body: object) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  test.each([['id' as const], ['twice' as const]])('is understood as %s, and once', async (how) => {
    world.symbl.planWebhooks(how, how);
    await world.rows.wait(jobId, 'token');
    await start();
    await answered();
    expect(world.answered).toEqual(['token']);
    expect(world.refusals).toEqual([]);
  });

  test('counts only at the address of the job', async () => {
    await open({ takes: () => 60_000 });
    await start();
    const right = callbackUrlOf(world.url, jobId, callbackKey);
    for (const wrong of [callbackUrlOf(world.url, jobId, 'x'.repeat(40)), callbackUrlOf(world.url, 'zoom-other', callbackKey).replace('zoom-other', jobId), `${right}x`])
      expect((await post(wrong, { jobId: 'j', status: 'completed' })).status).toBe(403);
    expect((await post(right, { status: 'completed' })).status).toBe(400);
    expect((await post(right, { jobId: 'j', status: 'completed' })).status).toBe(200);
    // What it says is asked of the service, which is still at work.
    expect(world.statuses()).toEqual(['started 1']);
  }); // prettier-ignore

  test('may be lost: polling finds the end', async () => {
    world.symbl.planWebhooks('lost', 'lost');
    await world.rows.wait(jobId, 'token');
    await start();
    const [work] = await works();
    await until(async () => (await settleWork(world.ports, work?.name ?? '')) === 'ended');
    expect(world.answered).toEqual(['token']);
    expect(await world.held()).toEqual([]);
  });
});

describe('A service that is in trouble', () => {
  test('and full gives the place back and burns no attempt', async () => {
    world.symbl.planSubmissions(429);
    expect(await start()).toBe('busy');
    expect(await world.held()).toEqual([]);
    expect(world.statuses()).toEqual(['planned 1']);
    expect(await start()).toBe('started');
  });

  test('that answers a start with nothing is not sent the same again, and another go follows the end of the first', async () => {
    world.symbl.planWebhooks('lost');
    world.symbl.planSubmissions('lost');
    await world.rows.wait(jobId, 'token');
    await expect(start()).rejects.toMatchObject({ name: 'TransientError' });
    expect(await world.held()).toHaveLength(1);
    expect(await start()).toBe('started');
    expect(world.symbl.submitted()).toBe(1);
    await until(() => world.statuses().includes('planned 2'));
    expect(await start()).toBe('started');
    await until(() => world.statuses().includes('heard 2'));
  });

  test('and fails is tried three times, and then the recording goes on without words', async () => {
    world.symbl.planEnds('failed', 'failed', 'failed');
    for (const attempt of [1, 2, 3]) {
      expect(await start()).toBe('started');
      await until(() => world.statuses().some((status) => status === `${attempt < 3 ? 'planned' : 'failed'} ${Math.min(3, attempt + 1)}`));
    }
    expect(await start()).toBe('settled');
    await until(async () => (await world.held()).length === 0);
  }); // prettier-ignore

  test('does not take the sound: the job says so, and the place is free', async () => {
    world.symbl.planSubmissions(400);
    expect(await start()).toBe('settled');
    expect(await works()).toMatchObject([{ status: 'failed', because: expect.stringContaining('does not take this sound') }]);
    expect(await world.held()).toEqual([]);
  }); // prettier-ignore

  test('forgets its token, and gets a new one', async () => {
    await start();
    world.symbl.forgetToken();
    const [work] = await works();
    expect(await world.driver.state(work ?? { name: '' })).toMatchObject({
      state: expect.stringMatching(/running|ended/),
    });
  });

  test('does not know us: that is a failure of its own', async () => {
    await open({ credentials: { appId: 'app', appSecret: 'wrong' } });
    await expect(start()).rejects.toMatchObject({ name: 'PermanentError', code: 'SYMBL_REFUSED' });
    expect(world.symbl.submitted()).toBe(0);
  });

  test('never has more at once than the cap, and all of it is heard', async () => {
    await open({ cap: 5, mostAtOnce: 6 });
    const files = Array.from({ length: 30 }, (_, index) => soundFile(`f${index}`, { recordingStart: `2026-01-12T15:00:${String(index + 10)}Z` }));
    await until(async () => (await start({ files, merges: [] })) === 'settled');
    expect(world.statuses()).toEqual(files.map(() => 'heard 1'));
    expect(world.symbl.mostAtOnce()).toBe(5);
    expect(world.symbl.submitted()).toBe(30);
  }); // prettier-ignore
});

describe('The stand-in refuses what Symbl refuses', () => {
  const send = (body: object) => world.client.call('POST', '/v1/process/audio/url', body);
  const url = 'https://example.org/a.flac';
  test.each<[string, object]>([
    ['no address', {}],
    ['an address of another kind', { url: 's3://bucket/a.flac' }],
    ['channels that are not kept apart', { url, channelMetadata: [{ channel: 1, speaker: { name: 'A' } }] }],
    ['a channel 0', { url, enableSeparateRecognitionPerChannel: true, channelMetadata: [{ channel: 0, speaker: { name: 'A' } }] }],
    ['voices to be told apart, and not how many', { url, enableSpeakerDiarization: true }],
    ['a confidence below one half', { url, confidenceThreshold: 0.4 }],
    ['what it does not know', { url, recipients: ['a@example.org'] }],
  ])('%s', async (_what, body) => {
    expect((await send(body)).status).toBe(400);
    expect(world.symbl.submitted()).toBe(0);
  }); // prettier-ignore

  test('a token of somebody else, and conversations that it does not know', async () => {
    const answer = await fetch(`${world.symbl.url}/v1/job/1`, { headers: { authorization: 'Bearer other' } });
    expect(answer.status).toBe(401);
    expect((await world.client.call('GET', '/v1/conversations/1/messages')).status).toBe(404);
    expect((await world.client.call('GET', '/v1/job/1')).status).toBe(404);
  });

  test('sound that is gone fails, and so do channels that are not there', async () => {
    const request = (key: string, count: number) => ({
      url: `${world.symbl.requests()[0]?.url.split('/meeting')[0] ?? ''}/${key}`,
      enableSeparateRecognitionPerChannel: true,
      channelMetadata: Array.from({ length: count }, (_, index) => ({ channel: index + 1, speaker: { name: `S${index}` } })),
    });
    await start();
    for (const [key, count] of [['gone', 1], ['2-channels/a.flac', 3]] as const) {
      const { body } = await send(request(key, count));
      const { jobId: id } = body as { jobId: string };
      await until(() => world.symbl.job(id) === 'failed');
    }
  }); // prettier-ignore
});
