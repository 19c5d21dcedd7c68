import { beforeEach, describe, expect, test } from '@jest/globals';
import { defaultWindowMs } from '../../../core/lease/leases.ts';
import { startWorks } from '../../../core/transcription/start-works.ts';
import { pollTranscriptions } from '../../../functions/events/poll-transcriptions/poll-transcriptions.ts';
import { fakeSpeech, jobId, soundFile } from '../../fakes/speech.ts';

const recorded = { files: [soundFile('f0'), soundFile('f1')], merges: [] };
let speech: ReturnType<typeof fakeSpeech>;
beforeEach(async () => {
  speech = fakeSpeech();
  await startWorks(speech.ports, jobId, recorded);
  await speech.ports.rows.wait(jobId, 'token');
});
const poll = () => pollTranscriptions(speech.ports)({});

describe('pollTranscriptions', () => {
  test('finds ends of which no event told, and answers who waits', async () => {
    for (const name of speech.starts) speech.hear(name);
    await poll();
    expect(await speech.statuses()).toEqual(['heard', 'heard']);
    expect(speech.answered).toEqual(['token']);
    expect(await speech.held()).toEqual([]);
  });

  test('leaves what runs in its place, however long', async () => {
    speech.pass(defaultWindowMs);
    await poll();
    expect(await speech.held()).toHaveLength(2);
    expect(await speech.statuses()).toEqual(['started', 'started']);
  });

  test('is not kept from the others by one that the provider does not answer for', async () => {
    for (const name of speech.starts) speech.hear(name);
    speech.faults.states.push(new Error('503'));
    await poll();
    expect(await speech.held()).toHaveLength(1);
    await poll();
    expect(await speech.held()).toEqual([]);
    expect(speech.answered).toEqual(['token']);
  });

  test('frees the place of a starter that crashed before it started anything, but not before its time is over', async () => {
    await speech.ports.leases.acquire('rapporteur-dev.zoom-0123456789abcdef01234567.aaaaaaaaaaaaaaaaaaaaaaaa.1');
    await poll();
    expect(await speech.held()).toHaveLength(3);
    speech.pass(defaultWindowMs);
    await poll();
    expect(await speech.held()).toHaveLength(2);
  });

  test('opens another attempt of work that the provider has forgotten', async () => {
    const [name = ''] = speech.starts;
    speech.known.delete(name);
    await poll();
    expect(await speech.statuses()).toEqual(['started', 'started']);
    speech.pass(defaultWindowMs);
    await poll();
    expect((await speech.statuses()).sort()).toEqual(['planned', 'started']);
    expect(await speech.held()).toHaveLength(1);
  });

  test('lets the recording go on without words after six hours, and keeps the place until the work has ended', async () => {
    speech.pass(6 * 3_600_000 + 1);
    await poll();
    expect(await speech.statuses()).toEqual(['failed', 'failed']);
    expect(speech.answered).toEqual(['token']);
    expect(await speech.held()).toHaveLength(2);
    for (const name of speech.starts) speech.hear(name);
    await poll();
    expect(await speech.held()).toEqual([]);
    expect(await speech.statuses()).toEqual(['failed', 'failed']);
  });
});
