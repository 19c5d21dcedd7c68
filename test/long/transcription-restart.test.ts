import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { transcriptKeysOf } from '../../core/keys.ts';
import { transcript } from '../../core/transcript/transcript.ts';
import type { Clock } from '../../local/gateway/clock.ts';
import { hastyClock } from '../fakes/hasty-clock.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { scriptOf, speechlessMeeting } from '../fakes/spoken-meeting.ts';

jest.setTimeout(120_000);

/** Transcribe takes so long; everything else is over at once. */
const slowMs = 50_000;
let isHeld = true;
const hasty = hastyClock();
const clock: Clock = {
  now: () => hasty.now(),
  sleep: async (milliseconds, signal) => {
    while (isHeld && !signal.aborted && milliseconds > slowMs - 5_000 && milliseconds <= slowMs)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await hasty.sleep(milliseconds, signal);
  },
};
const settings = {
  RAPPORTEUR_TRANSCRIPTION: 'transcribe',
  RAPPORTEUR_TRANSCRIBE_CAP: '2',
  RAPPORTEUR_TRANSCRIBE_LANGUAGES: 'en-US, de-DE=fachwoerter',
  RAPPORTEUR_TRANSCRIBE_REDACT: 'NAME, EMAIL',
  RAPPORTEUR_TRANSCRIBE_SUBTITLES: 'vtt',
};
const transcription = {
  takes: () => slowMs,
  vocabularies: ['fachwoerter'],
  scriptOf: (media: Parameters<typeof scriptOf>[0]) => {
    const { words } = scriptOf(media);
    return { language: 'de-DE', words: words.map((word) => ({ ...word, isPrivate: /^Tomasz/.test(word.text) })) };
  },
};

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud({ clock, settings, transcription });
});
afterAll(async () => {
  isHeld = false;
  await local.close();
  local.remove();
});

test('all of it stops while two meetings are heard and a third waits for a place; then each is heard once, by its settings', async () => {
  const meetings = ['First', 'Second', 'Third'].map((topic) =>
    local.recordThis(speechlessMeeting(topic, local.cloud.zoomAccountId)),
  );
  for (const { announce } of meetings) await announce('recording.completed');
  const steps = async () => (await Promise.all(meetings.map(({ jobId }) => local.job(jobId)))).map((job) => job?.step);
  await until(async () => (await steps()).filter((step) => step === 'AwaitTranscription').length === 2);
  await until(async () => (await steps()).includes('StartTranscription'));
  expect(local.cloud.transcribe.mostAtOnce()).toBe(2);

  const { folder } = local;
  await local.close();
  local = await bootLocalCloud({ folder, clock, settings, transcription });
  isHeld = false;
  for (const { jobId, meeting } of meetings) {
    const job = await local.closed(jobId);
    expect(job).toMatchObject({ status: 'done', attempt: 1 });
    expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
    const { Body } = await local.look.object(transcriptKeysOf(job.folder ?? '').json);
    const heard = transcript.parse(JSON.parse((await Body?.transformToString()) ?? ''));
    expect(heard).toMatchObject({ origin: 'transcribe', language: 'de-DE' });
    const said = heard.segments.map(({ text }) => text).join(' ');
    expect(said).toContain('[PII]');
    expect(said).not.toContain('Tomasz');
    const results = await local.look.keys(`jobs/${jobId}/speech/`);
    expect(results.map((key) => key.replace(/^.*\//, '').replace(/[0-9a-f]{24}/, 'id')).sort()).toEqual(['id.1.vtt', 'redacted-id.1.json']); // prettier-ignore
  }
  expect(local.cloud.transcribe.mostAtOnce()).toBeLessThanOrEqual(2);
});
