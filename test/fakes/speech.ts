import type { JobFile } from '../../core/job/job.ts';
import { defaultWindowMs, openLeases } from '../../core/lease/leases.ts';
import type { ProviderState, Sound, TranscriptionDriver } from '../../core/transcription/driver.ts';
import type { HeardTrack } from '../../core/transcription/heard.ts';
import { fakeLeaseRows } from './lease-rows.ts';
import { fakeSpeechRows } from './speech-rows.ts';

export const jobId = 'zoom-0123456789abcdef01234567';
export const prefix = 'rapporteur-dev.';

export const soundFile = (fileId: string, about: Partial<JobFile> = {}): JobFile => ({
  ...{ jobId, fileId, fileType: 'M4A', extension: 'm4a', recordingStart: '2026-01-12T15:00:14Z' },
  ...{ segment: 0, view: 'audio_only', key: `a/1/${fileId}.m4a`, status: 'archived', crc32: fileId },
  ...about,
});

/** A provider in memory that is told what to do, with rows and places around it. Time is moved by hand. */
export const fakeSpeech = ({ cap = 50 } = {}) => {
  let time = Date.parse('2026-01-12T16:00:00Z');
  const now = () => new Date(time);
  const rows = fakeSpeechRows(now);
  const leases = openLeases(fakeLeaseRows(), { driver: 'transcribe', cap, windowMs: defaultWindowMs }, () => time);
  const known = new Map<string, ProviderState>();
  const starts: string[] = [];
  const answered: string[] = [];
  const faults = { starts: [] as (Error | 'busy')[], states: [] as Error[] };
  const said = new Map<string, readonly HeardTrack[] | { because: string }>();
  const driver: TranscriptionDriver = {
    name: 'transcribe',
    title: 'Amazon Transcribe',
    sounds: ({ files }) =>
      files.map(({ fileId, key, crc32 = '' }): Sound => ({ track: fileId, key, content: crc32, offsetMs: 0 })),
    whyNot: ({ key }) => Promise.resolve(key.includes('silent') ? 'There is no sound in the file.' : undefined),
    start: ({ name }) => {
      starts.push(name);
      const fault = faults.starts.shift();
      if (fault === 'busy') return Promise.resolve({ answer: 'busy' });
      if (fault) return Promise.reject(fault);
      if (known.has(name)) return Promise.resolve({ answer: 'already' });
      known.set(name, { state: 'running' });
      return Promise.resolve({ answer: 'started' });
    },
    state: ({ name }) => {
      const fault = faults.states.shift();
      return fault ? Promise.reject(fault) : Promise.resolve(known.get(name) ?? { state: 'absent' });
    },
    result: ({ resultKey = '', offsetMs }) =>
      Promise.resolve(
        said.get(resultKey) ?? [{ offsetMs, heard: { words: [{ text: resultKey, startMs: 0, endMs: 100 }] } }],
      ),
  };
  const running = (): string[] => [...known].flatMap(([name, { state }]) => (state === 'running' ? [name] : []));
  const ports = {
    ...{ driver, rows, leases, prefix, now },
    // As Step Functions: nobody waits for a token that was answered.
    answer: (token: string) => Promise.resolve(!answered.includes(token) && answered.push(token) > 0),
  };
  return {
    ports, known, starts, answered, faults, said, running,
    pass: (milliseconds: number) => void (time += milliseconds),
    hear: (name: string, resultKey = 'r') => known.set(name, { state: 'ended', outcome: 'done', resultKey }),
    fail: (name: string, retry: boolean) =>
      known.set(name, { state: 'ended', outcome: 'failed', because: 'It broke.', retry }),
    statuses: async () => (await rows.works(jobId, 'transcribe')).map(({ status }) => status),
    held: async () => (await leases.rows.list('transcribe')).map(({ holder }) => holder),
  }; // prettier-ignore
};
