import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HeardTrack, Word } from '../../../core/transcription/heard.ts';
import { interleave } from '../../../core/transcription/interleave.ts';
import { startTranscription, transcriptionState } from '../../../core/transcription/transcribe/provider.ts';
import { transcribeRequest, whyNotTranscribable } from '../../../core/transcription/transcribe/request.ts';
import { readResult } from '../../../core/transcription/transcribe/result.ts';
import { transcribeSettings } from '../../../core/transcription/transcribe/settings.ts';
import { readWorkName, workIdOf, workNameOf } from '../../../core/transcription/work-name.ts';
import { transcript } from '../../../core/transcript/transcript.ts';

const error = (name: string, message = '') => Object.assign(new Error(message), { name });
const media = { bucket: 'b', key: 'a/1.m4a', bytes: 1_000, durationSeconds: 60, channels: 1 };

const jobId = 'zoom-0123456789abcdef01234567';
const named = { prefix: 'rapporteur-dev.', jobId, workId: workIdOf('transcribe', 'file/+=', 'crc'), attempt: 1 };

describe('the name of work', () => {
  test('is one that Transcribe takes, whatever it is made from, and is read back', () => {
    const any = fc.record({ track: fc.string(), content: fc.string(), attempt: fc.integer({ min: 1, max: 999 }) });
    fc.assert(
      fc.property(any, ({ track, content, attempt }) => {
        const about = { prefix: 'rapporteur-a-stage-of-20-letter.', jobId, workId: workIdOf('transcribe', track, content), attempt };
        expect(workNameOf(about)).toMatch(/^[0-9A-Za-z._-]{1,200}$/);
        expect(readWorkName(about.prefix, workNameOf(about))).toEqual({ jobId, workId: about.workId, attempt });
      }),
      { numRuns: 200 },
    );
  }); // prettier-ignore

  test('is another for other sound, another track, another driver, another attempt, and another stage', () => {
    const ids = [workIdOf('transcribe', 'a', 'x'), workIdOf('transcribe', 'b', 'x'), workIdOf('transcribe', 'a', 'y'), workIdOf('symbl', 'a', 'x')]; // prettier-ignore
    expect(new Set(ids).size).toBe(ids.length);
    const others = [{}, { attempt: 2 }, { prefix: 'rapporteur-prod.' }, { jobId: 'hand-0123456789abcdef01234567' }];
    expect(new Set(others.map((other) => workNameOf({ ...named, ...other }))).size).toBe(others.length);
  });

  test.each(['', 'talk', workNameOf({ ...named, prefix: 'rapporteur-dev-2.' }), `${workNameOf(named)}.x`])(
    'of somebody else is not read: %j',
    (name) => expect(readWorkName(named.prefix, name)).toBeUndefined(),
  );
});

describe('a request', () => {
  const request = (settings: object, voices: 'one' | { atMost: number } = 'one') =>
    transcribeRequest({
      name: 'n',
      media,
      output: { bucket: 'b', key: 'jobs/zoom-1/words.json' },
      voices,
      settings: transcribeSettings.parse(settings),
    });

  test('for one voice finds the language and tells no voices apart', () => {
    expect(request({})).toEqual({
      TranscriptionJobName: 'n',
      Media: { MediaFileUri: 's3://b/a/1.m4a' },
      MediaFormat: 'm4a',
      OutputBucketName: 'b',
      OutputKey: 'jobs/zoom-1/words.json',
      IdentifyLanguage: true,
    });
  });

  test.each([
    [1, 2],
    [5, 5],
    [99, 30],
  ])('for the voices of %d persons asks for %d', (atMost, asked) => {
    expect(request({}, { atMost }).Settings).toEqual({ ShowSpeakerLabels: true, MaxSpeakerLabels: asked });
  });

  test('names the vocabulary where Transcribe looks for it', () => {
    const vocabularies = { 'en-US': 'names' };
    expect(request({ language: 'en-US', vocabularies })).toMatchObject({ LanguageCode: 'en-US', Settings: { VocabularyName: 'names' } });
    expect(request({ languageOptions: ['en-US', 'de-DE'], vocabularies })).toMatchObject({
      IdentifyLanguage: true,
      LanguageOptions: ['en-US', 'de-DE'],
      LanguageIdSettings: { 'en-US': { VocabularyName: 'names' } },
    });
  }); // prettier-ignore

  test('asks for redaction and captions only when they are wanted', () => {
    expect(request({ redact: ['NAME'], subtitles: ['vtt'] })).toMatchObject({
      ContentRedaction: { RedactionType: 'PII', RedactionOutput: 'redacted', PiiEntityTypes: ['NAME'] },
      Subtitles: { Formats: ['vtt'], OutputStartIndex: 1 },
    });
  });

  test.each([
    { language: 'english' },
    { language: 'en-US', languageOptions: ['en-US', 'de-DE'] },
    { languageOptions: ['en-US'] },
    { languageOptions: ['en-US', 'en-US'] },
    { vocabularies: { 'en-US': 'names' } },
    { language: 'en-US', vocabularies: { 'en-US': 'a b' } },
  ])('is never made from settings that contradict themselves: %j', (settings) => {
    expect(transcribeSettings.safeParse(settings).success).toBe(false);
  });

  test.each([
    [{}, undefined],
    [{ key: 'a/1.docx' }, /docx/],
    [{ key: `${'a'.repeat(2_000)}.mp3` }, /address/],
    [{ bytes: 0 }, /no sound/],
    [{ bytes: 2 * 1_024 ** 3 + 1 }, /2 GB/],
    [{ durationSeconds: 14_401 }, /four hours/],
    [{ channels: 2 }, undefined],
    [{ channels: 6 }, /6/],
  ])('is not sent for media that would be refused: %j', (other, because) => {
    const said = whyNotTranscribable({ ...media, ...other });
    if (because) expect(said).toMatch(because);
    else expect(said).toBeUndefined();
  });
});

describe('an answer of Transcribe', () => {
  const starting = (failure: Error) =>
    startTranscription({ start: () => Promise.reject(failure), get: async () => ({ TranscriptionJob: undefined }) }, { TranscriptionJobName: 'n', Media: {} }); // prettier-ignore
  const stateOf = (job: object) => transcriptionState({ get: async () => ({ TranscriptionJob: job }) }, 'n'); // prettier-ignore

  test.each([
    ['ConflictException', 'already'],
    ['LimitExceededException', 'busy'],
    ['ThrottlingException', 'busy'],
  ])('%s to a start means %s', async (name, means) => {
    expect(await starting(error(name, 'Too many requests'))).toBe(means);
  });

  test('that will be the same next time fails with a code, any other is thrown on', async () => {
    await expect(starting(error('BadRequestException', 'no vocabulary'))).rejects.toThrow(/^BAD_CONFIG: .*no vocabulary/);
    await expect(starting(error('LimitExceededException', 'Your input file is too long'))).rejects.toThrow(/^FILE_NOT_AS_EXPECTED/);
    await expect(starting(error('InternalFailureException'))).rejects.toMatchObject({ name: 'InternalFailureException' });
  }); // prettier-ignore

  test('about a job tells where it is', async () => {
    expect(await stateOf({ TranscriptionJobStatus: 'QUEUED' })).toEqual({ state: 'running' });
    const FailureReason = 'Unsupported media format';
    expect(await stateOf({ TranscriptionJobStatus: 'FAILED', FailureReason })).toMatchObject({ outcome: 'failed', retry: false });
    expect(await stateOf({ TranscriptionJobStatus: 'FAILED', FailureReason: 'Internal error' })).toMatchObject({ retry: true });
    expect(await stateOf({ TranscriptionJobStatus: 'COMPLETED' })).toMatchObject({ outcome: 'failed' });
    const Transcript = { TranscriptFileUri: 'https://s3.us-east-1.amazonaws.com/b/a%20b/c.json' };
    expect(await stateOf({ TranscriptionJobStatus: 'COMPLETED', Transcript })).toEqual({
      ...{ state: 'ended', outcome: 'done', result: { bucket: 'b', key: 'a b/c.json' } },
    });
    for (const name of ['NotFoundException', 'BadRequestException']) {
      const get = () => Promise.reject(error(name, "The requested job couldn't be found."));
      expect(await transcriptionState({ get }, 'n')).toEqual({ state: 'absent' });
    }
  }); // prettier-ignore
});

describe('a result', () => {
  test('keeps words with their times, and punctuation with the word before it', () => {
    const items = [
      { type: 'punctuation', alternatives: [{ content: '.' }] },
      { type: 'pronunciation', start_time: '0.1', end_time: '0.5', alternatives: [{ content: 'a\nb', confidence: '0.5' }] },
      { type: 'punctuation', alternatives: [{ content: ',', confidence: '0.0' }] },
    ];
    const speaker_labels = { segments: [{ speaker_label: 'spk_1', items: [{ start_time: '0.1' }] }] };
    const text = JSON.stringify({ results: { items, speaker_labels, language_codes: [{ language_code: 'de-DE', duration_in_seconds: '3' }], audio_segments: [] } });
    expect(readResult(text)).toEqual({ words: [{ text: 'a b,', startMs: 100, endMs: 500, confidence: 0.5, label: 'spk_1' }], language: 'de-DE' });
  }); // prettier-ignore

  test.each(['', '<html>', 'null', '{}', '{"results":{"items":[{}]}}', '{"results":{"items":[{"type":"pronunciation","start_time":"x","alternatives":[{"content":"a"}]}]}}'])('that is rubbish is said to be: %s', (text) => {
    expect(readResult(text)).toEqual({ because: expect.stringMatching(/^The result of Amazon Transcribe .*\.$/) });
  }); // prettier-ignore
});

describe('tracks', () => {
  const say = (text: string, from: number, label?: string): Word[] =>
    text.split(' ').map((one, at) => ({ text: one, startMs: from + at * 300, endMs: from + at * 300 + 250, ...(label && { label }) })); // prettier-ignore
  const track = (speaker: string, offsetMs: number, ...words: Word[][]): HeardTrack => ({ speaker, offsetMs, heard: { words: words.flat(), language: 'en-US' } }); // prettier-ignore
  const lines = (tracks: HeardTrack[]): string[] => {
    const { segments, speakers } = interleave(tracks, 'transcribe');
    return segments.map(({ speaker, text, startMs }) => `${startMs} ${speakers.find(({ id }) => id === speaker)?.name}: ${text}`); // prettier-ignore
  };

  test('become one transcript in the order of time, each with its offset', () => {
    const tracks = [track('Ada', 0, say('how are you', 0), say('good to hear', 5_000)), track('Bob', 2_000, say('fine thanks', 0))];
    expect(lines(tracks)).toEqual(['0 Ada: how are you', '2000 Bob: fine thanks', '5000 Ada: good to hear']);
  }); // prettier-ignore

  test('keep a sentence whole while another agrees, and cut it where there was a breath', () => {
    const yes = track('Bob', 0, say('yes', 460));
    expect(lines([track('Ada', 0, say('we go on now', 0)), yes])).toEqual(['0 Ada: we go on now', '460 Bob: yes']);
    const breath = track('Ada', 0, say('we go', 0), say('on now', 1_200));
    expect(lines([breath, track('Bob', 0, say('yes', 700))])).toEqual(['0 Ada: we go', '700 Bob: yes', '1200 Ada: on now']);
  }); // prettier-ignore

  test('of one person who came back are one speaker; voices told apart are numbered', () => {
    const twice = interleave([track('Ada', 0, say('one', 0)), track('Ada', 60_000, say('two', 0))], 'transcribe');
    expect(twice.speakers).toEqual([{ id: 's1', name: 'Ada' }]);
    const words = [...say('a b', 0, 'spk_0'), ...say('c', 600, 'spk_1'), ...say('d', 900, 'spk_0')];
    expect(lines([{ offsetMs: 0, heard: { words } }])).toEqual(['0 Speaker 1: a b', '600 Speaker 2: c', '900 Speaker 1: d']);
  }); // prettier-ignore

  test('in Japanese are written without spaces', () => {
    expect(interleave([{ speaker: 'A', offsetMs: 0, heard: { words: say('会議 を', 0), language: 'ja-JP' } }], 'transcribe').segments[0]?.text).toBe('会議を'); // prettier-ignore
  });

  test('lose no word, whatever they hold, and make a valid transcript in order', () => {
    const word = fc.record({ text: fc.constantFrom('a', 'b.', 'c'), startMs: fc.nat(100_000), endMs: fc.nat(100_000) });
    const any = fc.record({ speaker: fc.constantFrom('A', 'B', 'C'), offsetMs: fc.integer({ min: -5_000, max: 50_000 }), heard: fc.record({ words: fc.array(word) }) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 4 }), (tracks) => {
        const made = transcript.parse(interleave(tracks, 'transcribe'));
        const starts = made.segments.map(({ startMs }) => startMs);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        expect(made.segments.flatMap(({ words }) => words)).toHaveLength(tracks.flatMap(({ heard }) => heard.words).length);
      }),
      { numRuns: 100 },
    );
  }); // prettier-ignore
});
