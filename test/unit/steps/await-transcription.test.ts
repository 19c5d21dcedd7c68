import { beforeEach, describe, expect, test } from '@jest/globals';
import { settleWork } from '../../../core/transcription/settle-work.ts';
import { awaitTranscription } from '../../../functions/recording/await-transcription/await-transcription.ts';
import { startWorks } from '../../../core/transcription/start-works.ts';
import { fakeSpeech, jobId, soundFile } from '../../fakes/speech.ts';

let speech: ReturnType<typeof fakeSpeech>;
beforeEach(async () => {
  speech = fakeSpeech();
  await startWorks(speech.ports, jobId, { files: [soundFile('f0'), soundFile('f1')], merges: [] });
});
const run = (taskToken = 'token') =>
  awaitTranscription({ speech: speech.ports, answer: speech.ports.answer })({ jobId, taskToken });

describe('AwaitTranscription', () => {
  test('leaves its token, which is answered once all of the work has ended', async () => {
    expect(await run()).toEqual({ atWork: 2 });
    const [first = '', second = ''] = speech.starts;
    speech.hear(first);
    await settleWork(speech.ports, first);
    expect(speech.answered).toEqual([]);
    speech.hear(second);
    await settleWork(speech.ports, second);
    expect(speech.answered).toEqual(['token']);
    expect(await speech.held()).toEqual([]);
  });

  test('does not miss an end that came before its token, told or not', async () => {
    const [first = '', second = ''] = speech.starts;
    for (const name of [first, second]) speech.hear(name);
    await settleWork(speech.ports, first);
    expect(await run()).toEqual({ atWork: 0 });
    expect(speech.answered).toEqual(['token']);
    expect(await speech.held()).toEqual([]);
  });

  test('of a retry leaves another token, and both are answered', async () => {
    await run('first');
    await run('second');
    for (const name of speech.starts) speech.hear(name);
    for (const name of speech.starts) await settleWork(speech.ports, name);
    expect(speech.answered.sort()).toEqual(['first', 'second']);
  });

  test('goes on at once where speech recognition was switched off meanwhile', async () => {
    const ports = { speech: undefined, answer: speech.ports.answer };
    expect(await awaitTranscription(ports)({ jobId, taskToken: 'token' })).toEqual({ atWork: 0 });
    expect(speech.answered).toEqual(['token']);
  });
});
