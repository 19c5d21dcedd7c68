import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteTranscriptionJobCommand,
  GetTranscriptionJobCommand,
  ListTranscriptionJobsCommand,
  StartTranscriptionJobCommand,
  TranscribeClient,
  type StartTranscriptionJobCommandInput,
} from '@aws-sdk/client-transcribe';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { transcribeApi } from '../../../core/aws/transcribe.ts';
import { interleave } from '../../../core/transcription/interleave.ts';
import { startTranscription, transcriptionState } from '../../../core/transcription/transcribe/provider.ts';
import { transcribeRequest } from '../../../core/transcription/transcribe/request.ts';
import { readResult } from '../../../core/transcription/transcribe/result.ts';
import { transcribeSettings } from '../../../core/transcription/transcribe/settings.ts';
import { AwsError } from '../../../local/gateway/aws-error.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { createS3 } from '../../../local/s3/server.ts';
import type { Script } from '../../../local/transcribe/result.ts';
import { storeThrough } from '../../../local/transcribe/store-through.ts';
import { createTranscribe, type LocalTranscribe } from '../../../local/transcribe/transcribe.ts';
import { handClock } from '../../fakes/hand-clock.ts';

const minute = 60_000;
const bucket = 'archive';
const script: Script = {
  language: 'en-GB',
  words: [
    { text: 'Good', startSeconds: 0.5, endSeconds: 0.8, speaker: 0 },
    { text: 'morning,', startSeconds: 0.8, endSeconds: 1.2, speaker: 0 },
    { text: 'Ada.', startSeconds: 1.2, endSeconds: 1.6, speaker: 0, isPrivate: true },
    { text: 'Hello!', startSeconds: 2, endSeconds: 2.4, speaker: 1 },
  ],
};

/** The head of a FLAC file: so many channels, so many seconds at 16 kHz. */
const flac = (channels: number, seconds: number): Buffer => {
  const head = Buffer.alloc(42);
  head.write('fLaC', 0, 'latin1');
  head.writeUIntBE(16_000 << 4, 18, 3);
  head[20] = (head[20] ?? 0) | ((channels - 1) << 1);
  head.writeUInt32BE(seconds * 16_000, 22);
  return head;
};

let folder: string;
let hand: ReturnType<typeof handClock>;
let transcribe: LocalTranscribe;
let gateway: Gateway;
let s3: S3Client;
let client: TranscribeClient;
let events: object[];
const published = { wake: () => undefined as void };

const open = async (): Promise<void> => {
  transcribe = await createTranscribe({
    folder: join(folder, 'transcribe'),
    clock: hand.clock,
    mostAtOnce: 2,
    vocabularies: ['names'],
    takes: () => minute,
    scriptOf: ({ key }) => (key === 'talk.flac' ? script : undefined),
    store: () => storeThrough(s3),
    publish: async (detail) => {
      events.push(detail);
      published.wake();
    },
  });
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-transcribe-'));
  hand = handClock('2026-01-12T16:00:00Z');
  events = [];
  await open();
  const storage = createS3({ folder: join(folder, 's3'), region: localRegion });
  await storage.createBucket(bucket);
  gateway = await startGateway({
    port: 0,
    services: { s3: storage.service, transcribe: (...call) => transcribe.service(...call) },
  });
  const common = { endpoint: gateway.url, region: localRegion, credentials: localCredentials };
  s3 = new S3Client({ ...common, forcePathStyle: true });
  client = new TranscribeClient({ ...common, maxAttempts: 1 });
  for (const [key, body] of Object.entries({
    'talk.flac': flac(1, 60),
    'quiet.flac': flac(1, 60),
    'six.flac': flac(6, 60),
    'long.flac': flac(1, 5 * 3_600),
    'page.mp4': Buffer.from('<html>'),
    'named.m4a': flac(1, 60),
  }))
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
});
afterEach(async () => {
  await transcribe.close();
  client.destroy();
  s3.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});

const asked = (name: string, about: Partial<StartTranscriptionJobCommandInput> = {}) => ({
  TranscriptionJobName: name,
  Media: { MediaFileUri: `s3://${bucket}/talk.flac` },
  OutputBucketName: bucket,
  IdentifyLanguage: true,
  ...about,
});
const start = (name: string, about?: Partial<StartTranscriptionJobCommandInput>) =>
  client.send(new StartTranscriptionJobCommand(asked(name, about)));
const get = async (name: string) =>
  (await client.send(new GetTranscriptionJobCommand({ TranscriptionJobName: name }))).TranscriptionJob;
/** Lets the job take its time, and waits until it has ended. */
const end = async (name: string) => {
  await hand.asleep(1);
  hand.moveTo(hand.clock.now() + minute);
  for (;;) {
    const job = await get(name);
    if (job?.TranscriptionJobStatus !== 'IN_PROGRESS') return job;
  }
};
const told = async (count: number): Promise<void> => {
  while (events.length < count)
    await new Promise<void>((resolve) => {
      published.wake = resolve;
    });
};
const text = async (key: string): Promise<string> =>
  (await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body?.transformToString()) ?? '';

describe('a transcription', () => {
  test('takes its time, tells of its end, and leaves a result that becomes a transcript', async () => {
    const api = transcribeApi(client, client);
    const media = { bucket, key: 'talk.flac', bytes: 42, durationSeconds: 60, channels: 1 };
    const output = { bucket, key: 'jobs/one/words.json' };
    const settings = transcribeSettings.parse({ subtitles: ['vtt'] });
    const request = transcribeRequest({ name: 'one', media, output, voices: { atMost: 4 }, settings });
    expect(await transcriptionState(api, 'one')).toEqual({ state: 'absent' });
    expect(await startTranscription(api, request)).toBe('started');
    expect(await startTranscription(api, request)).toBe('already');
    expect(await transcriptionState(api, 'one')).toEqual({ state: 'running' });
    expect(events).toEqual([]);
    expect(await end('one')).toMatchObject({ LanguageCode: 'en-GB', CompletionTime: new Date('2026-01-12T16:01:00Z') });
    await told(1);
    expect(events).toEqual([{ TranscriptionJobName: 'one', TranscriptionJobStatus: 'COMPLETED' }]);
    const state = await transcriptionState(api, 'one');
    expect(state).toEqual({ state: 'ended', outcome: 'done', result: output, language: 'en-GB' });
    const heard = readResult(await text(output.key));
    if ('because' in heard) throw new Error(heard.because);
    const transcript = interleave([{ offsetMs: 10_000, heard }], 'transcribe');
    expect(transcript).toMatchObject({
      language: 'en-GB',
      speakers: [
        { id: 's1', name: 'Speaker 1' },
        { id: 's2', name: 'Speaker 2' },
      ],
      segments: [
        { speaker: 's1', startMs: 10_500, endMs: 11_600, text: 'Good morning, Ada.', confidence: 0.99 },
        { speaker: 's2', startMs: 12_000, endMs: 12_400, text: 'Hello!' },
      ],
    });
    expect(await text('jobs/one/words.vtt')).toContain('Good morning, Ada.');
  });

  test('of a file without words has none', async () => {
    await start('quiet', { Media: { MediaFileUri: `s3://${bucket}/quiet.flac` } });
    await end('quiet');
    expect(readResult(await text('quiet.json'))).toMatchObject({ words: [] });
  });

  test('with redaction leaves out what is private, and says where the redacted text lies', async () => {
    const ContentRedaction = { RedactionType: 'PII', RedactionOutput: 'redacted' } as const;
    await start('private', { ContentRedaction, OutputKey: 'jobs/two/' });
    const job = await end('private');
    expect(job?.Transcript).toEqual({
      RedactedTranscriptFileUri: `https://s3.${localRegion}.amazonaws.com/${bucket}/jobs/two/redacted-private.json`,
    });
    expect(await text('jobs/two/redacted-private.json')).not.toContain('Ada');
  });

  test.each([
    ['six.flac', undefined, 'Invalid number of channels: number of channels too large'],
    ['long.flac', undefined, /^Invalid file size: file size too large/],
    ['page.mp4', 'mp4', 'Unsupported media format'],
    ['named.m4a', 'm4a', 'The media format provided does not match the detected media format'],
  ] as const)('of %s fails with the reason', async (key, MediaFormat, reason) => {
    await start('bad', { Media: { MediaFileUri: `s3://${bucket}/${key}` }, ...(MediaFormat && { MediaFormat }) });
    const job = await end('bad');
    expect(job).toMatchObject({ TranscriptionJobStatus: 'FAILED', FailureReason: expect.stringMatching(reason) });
    expect(await transcriptionState(transcribeApi(client, client), 'bad')).toMatchObject({ outcome: 'failed', retry: false }); // prettier-ignore
    await told(1);
    expect(events).toMatchObject([{ TranscriptionJobStatus: 'FAILED', FailureReason: job?.FailureReason }]);
  });

  test('can fail by the fault of the service, its event be lost, and another be sent twice', async () => {
    transcribe.planFailures('There was an internal failure. Try your request again.');
    transcribe.planEvents('lost', 'twice');
    await start('one');
    await end('one');
    expect(await transcriptionState(transcribeApi(client, client), 'one')).toMatchObject({ outcome: 'failed', retry: true });
    await start('two');
    await end('two');
    await told(2);
    expect(events.map((event) => (event as { TranscriptionJobName: string }).TranscriptionJobName)).toEqual(['two', 'two']);
  }); // prettier-ignore

  test('goes on after the process has ended', async () => {
    await start('one');
    await hand.asleep(1);
    await transcribe.close();
    await open();
    transcribe.resume();
    expect(await end('one')).toMatchObject({ TranscriptionJobStatus: 'COMPLETED' });
  });
});

describe('a request', () => {
  test.each<[string, Partial<StartTranscriptionJobCommandInput>, RegExp]>([
    ['a name with a slash', { TranscriptionJobName: 'a/b' }, /regular expression pattern/],
    ['no language', { IdentifyLanguage: false }, /LanguageCode or IdentifyLanguage/],
    ['a language and its identification', { LanguageCode: 'en-US' }, /LanguageCode or IdentifyLanguage/],
    ['an unknown language', { LanguageCode: 'xx-XX' as 'en-US' }, /languageCode/],
    ['one language to choose from', { LanguageOptions: ['en-US'] }, /at least two/],
    ['too many speakers', { Settings: { ShowSpeakerLabels: true, MaxSpeakerLabels: 31 } }, /MaxSpeakerLabels/],
    ['speakers without their number', { Settings: { ShowSpeakerLabels: true } }, /together/],
    ['a key with a space', { OutputKey: 'a b.json' }, /outputKey/],
    ['a key without a bucket', { OutputKey: 'a.json', OutputBucketName: undefined }, /OutputKey needs/],
    ['a bucket that is not there', { OutputBucketName: 'nowhere' }, /can't be accessed/],
    ['media that is not there', { Media: { MediaFileUri: 's3://archive/nothing.flac' } }, /S3 URI/],
    ['an unknown format', { MediaFormat: 'doc' as 'mp3' }, /mediaFormat/],
    ['an unknown vocabulary', { IdentifyLanguage: undefined, LanguageCode: 'en-US', Settings: { VocabularyName: 'x' } }, /vocabulary couldn't be found/],
  ])('with %s is refused', async (_what, about, message) => {
    await expect(start('one', about)).rejects.toMatchObject({ name: 'BadRequestException', message: expect.stringMatching(message) });
    await expect(get('one')).rejects.toMatchObject({ name: 'NotFoundException' });
  }); // prettier-ignore

  test('for something that is not there yet is refused by name', async () => {
    const ToxicityDetection = [{ ToxicityCategories: ['ALL' as const] }];
    await expect(start('one', { ToxicityDetection })).rejects.toThrow(/ToxicityDetection is not supported/);
  });

  test('for a name that was used, or beyond the most at once, is refused; an answer can be lost', async () => {
    await start('one');
    await expect(start('one')).rejects.toMatchObject({ name: 'ConflictException' });
    transcribe.planLostAnswers(new AwsError('InternalFailureException', 'lost', 500));
    await expect(start('two')).rejects.toMatchObject({ name: 'InternalFailureException' });
    const api = transcribeApi(client, client);
    expect(await startTranscription(api, asked('two'))).toBe('already');
    expect(await startTranscription(api, asked('three'))).toBe('busy');
    transcribe.planRefusals(new AwsError('ThrottlingException', 'Rate exceeded'));
    expect(await startTranscription(api, asked('three'))).toBe('busy');
    expect(transcribe.mostAtOnce()).toBe(2);
  });
});

test('jobs are listed, the newest first, a page at a time, and deleted when they have ended', async () => {
  await start('one');
  await end('one');
  await start('two');
  const list = (about: object) => client.send(new ListTranscriptionJobsCommand(about));
  const first = await list({ MaxResults: 1 });
  const second = await list({ MaxResults: 1, NextToken: first.NextToken });
  expect([first, second].map((page) => page.TranscriptionJobSummaries?.[0]?.TranscriptionJobName)).toEqual(['two', 'one']);
  expect(second.NextToken).toBeUndefined();
  expect((await list({ Status: 'COMPLETED' })).TranscriptionJobSummaries).toMatchObject([{ TranscriptionJobName: 'one' }]);
  const remove = (name: string) => client.send(new DeleteTranscriptionJobCommand({ TranscriptionJobName: name }));
  await remove('one');
  await expect(remove('one')).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(remove('two')).rejects.toThrow(/in progress/);
}); // prettier-ignore
