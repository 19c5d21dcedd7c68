import { beforeEach, describe, expect, test } from '@jest/globals';
import { startWorks } from '../../../core/transcription/start-works.ts';
import { transcriptionEnded } from '../../../functions/events/transcription-ended/transcription-ended.ts';
import { fakeSpeech, jobId, soundFile } from '../../fakes/speech.ts';

const recorded = { files: [soundFile('f0')], merges: [] };
let speech: ReturnType<typeof fakeSpeech>;
let name: string;
beforeEach(async () => {
  speech = fakeSpeech();
  await startWorks(speech.ports, jobId, recorded);
  name = speech.starts[0] ?? '';
  await speech.ports.rows.wait(jobId, 'token');
});
const tell = (TranscriptionJobName = name) => transcriptionEnded(speech.ports)({ detail: { TranscriptionJobName } });

describe('transcriptionEnded', () => {
  test('notes the end, answers who waits, and frees the place; told twice it does it once', async () => {
    speech.hear(name);
    await tell();
    await tell();
    expect(await speech.statuses()).toEqual(['heard']);
    expect(speech.answered).toEqual(['token']);
    expect(await speech.held()).toEqual([]);
  });

  test('believes the provider, not the event', async () => {
    await tell();
    expect(await speech.statuses()).toEqual(['started']);
    expect(speech.answered).toEqual([]);
    expect(await speech.held()).toEqual([name]);
  });

  test('notes why a job failed, and the machine goes on', async () => {
    speech.fail(name, false);
    await tell();
    expect(await speech.ports.rows.works(jobId, 'transcribe')).toMatchObject([
      { status: 'failed', because: 'It broke.' },
    ]);
    expect(speech.answered).toEqual(['token']);
  });

  test('opens another attempt under another name where the provider itself was at fault, three at most', async () => {
    for (const attempt of [1, 2, 3]) {
      await startWorks(speech.ports, jobId, recorded);
      const [running = ''] = speech.running();
      expect(running.endsWith(`.${attempt}`)).toBe(true);
      speech.fail(running, true);
      await tell(running);
      // An event of an earlier attempt says nothing of this one.
      await tell();
      expect(await speech.statuses()).toEqual([attempt === 3 ? 'failed' : 'planned']);
      expect(await speech.held()).toEqual([]);
    }
    expect(speech.starts).toHaveLength(3);
  });

  test.each(['talk', 'rapporteur-dev-2.zoom-0123456789abcdef01234567.0123456789abcdef01234567.1'])(
    'leaves the work of others alone: %s',
    async (other) => {
      await tell(other);
      expect(speech.answered).toEqual([]);
      expect(await speech.held()).toEqual([name]);
    },
  );

  test('that crashed at any line is made good by the next', async () => {
    const { rows, leases, answer } = speech.ports;
    speech.hear(name);
    const lines: ((ports: typeof speech.ports) => void)[] = [
      (ports) => void (ports.rows = { ...rows, heard: () => Promise.reject(new Error('killed')) }),
      (ports) => void (ports.rows = { ...rows, tokens: () => Promise.reject(new Error('killed')) }),
      (ports) => void (ports.answer = () => Promise.reject(new Error('killed'))),
      (ports) => void (ports.rows = { ...rows, answered: () => Promise.reject(new Error('killed')) }),
      (ports) => void (ports.leases = { ...leases, release: () => Promise.reject(new Error('killed')) }),
    ];
    for (const breakAt of lines) {
      const broken = { ...speech.ports };
      breakAt(broken);
      await expect(transcriptionEnded(broken)({ detail: { TranscriptionJobName: name } })).rejects.toThrow('killed');
      expect(await speech.held()).toEqual([name]);
    }
    await transcriptionEnded({ ...speech.ports, answer })({ detail: { TranscriptionJobName: name } });
    expect(await speech.held()).toEqual([]);
    expect(speech.answered).toContain('token');
    expect(await rows.tokens(jobId)).toEqual([]);
  });
});
