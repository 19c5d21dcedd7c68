import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JobFile } from '../../../core/job/job.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { settleWork } from '../../../core/transcription/settle-work.ts';
import { startTranscription } from '../../../functions/recording/start-transcription/start-transcription.ts';
import { fakeSpeech, jobId, soundFile } from '../../fakes/speech.ts';

let speech: ReturnType<typeof fakeSpeech>;
beforeEach(() => {
  speech = fakeSpeech({ cap: 2 });
});
const run = (files: JobFile[], { random = 0.5 } = {}) =>
  startTranscription({
    jobs: { files: () => Promise.resolve(files), merges: () => Promise.resolve([]) },
    speech: speech.ports,
    random: () => random,
  })({ jobId });
const tracks = (count: number): JobFile[] => Array.from({ length: count }, (_, index) => soundFile(`f${index}`));

describe('StartTranscription', () => {
  test('starts each sound once under a name of its own, and not again when it runs again', async () => {
    expect(await run(tracks(2))).toEqual({ decision: 'started' });
    expect(await run(tracks(2))).toEqual({ decision: 'started' });
    expect(speech.starts).toHaveLength(2);
    for (const name of speech.starts)
      expect(name).toMatch(/^rapporteur-dev\.zoom-0123456789abcdef01234567\.[0-9a-f]{24}\.1$/);
    expect(await speech.held()).toHaveLength(2);
  });

  test('waits at the cap with jitter, loses nothing, and goes on when a place is free', async () => {
    expect(await run(tracks(3), { random: 0 })).toEqual({ decision: 'busy', waitSeconds: 20 });
    expect(await run(tracks(3), { random: 0.999 })).toEqual({ decision: 'busy', waitSeconds: 59 });
    expect(speech.running()).toHaveLength(2);
    const [first = ''] = speech.running();
    speech.hear(first);
    await settleWork(speech.ports, first);
    expect(await run(tracks(3))).toEqual({ decision: 'started' });
    expect((await speech.statuses()).sort()).toEqual(['heard', 'started', 'started']);
  });

  test('gives its place back where the provider has no room', async () => {
    speech.faults.starts.push('busy');
    expect(await run(tracks(1))).toMatchObject({ decision: 'busy' });
    expect(await speech.held()).toEqual([]);
    expect(await speech.statuses()).toEqual(['planned']);
    expect(await run(tracks(1))).toEqual({ decision: 'started' });
  });

  test('whose answer was lost finds the same work again', async () => {
    const { start } = speech.ports.driver;
    Object.assign(speech.ports.driver, {
      start: async (...given: Parameters<typeof start>) => {
        await start(...given);
        throw new Error('socket hang up');
      },
    });
    await expect(run(tracks(1))).rejects.toThrow('socket hang up');
    Object.assign(speech.ports.driver, { start });
    expect(await run(tracks(1))).toEqual({ decision: 'started' });
    expect(new Set(speech.starts).size).toBe(1);
    expect(await speech.held()).toHaveLength(1);
  });

  test('notes what cannot be sent, and goes on', async () => {
    expect(await run([soundFile('silent')])).toEqual({ decision: 'settled' });
    expect(speech.starts).toEqual([]);
    speech.faults.starts.push(new PermanentError('FILE_NOT_AS_EXPECTED', 'Transcribe says: the file is too long'));
    expect(await run([soundFile('long'), soundFile('good')])).toEqual({ decision: 'started' });
    expect((await speech.statuses()).sort()).toEqual(['failed', 'failed', 'started']);
    expect(await speech.held()).toHaveLength(1);
  });

  test('fails where the configuration is at fault, so that somebody sees to it', async () => {
    speech.faults.starts.push(new PermanentError('BAD_CONFIG', 'Transcribe says: no such vocabulary'));
    await expect(run(tracks(1))).rejects.toMatchObject({ code: 'BAD_CONFIG' });
    expect(await run(tracks(1))).toEqual({ decision: 'started' });
  });

  test('starts other sound under another name, and leaves alone what is no more in the recording', async () => {
    await run([soundFile('f0')]);
    expect(await run([soundFile('f0', { crc32: 'other' })])).toEqual({ decision: 'started' });
    expect(new Set(speech.starts).size).toBe(2);
    for (const name of speech.running()) speech.hear(name);
    for (const name of speech.starts) await settleWork(speech.ports, name);
    expect(await run([soundFile('f0')])).toEqual({ decision: 'settled' });
  });

  test('has nothing to do where speech recognition was switched off meanwhile', async () => {
    const jobs = { files: () => Promise.resolve([]), merges: () => Promise.resolve([]) };
    expect(await startTranscription({ jobs, speech: undefined, random: () => 0 })({ jobId })).toEqual({
      decision: 'settled',
    });
  });
});
