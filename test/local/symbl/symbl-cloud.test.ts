import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { insights } from '../../../core/insight/insights.ts';
import { transcript } from '../../../core/transcript/transcript.ts';
import { startSymbl, type LocalSymbl } from '../../../local/symbl/symbl.ts';
import { bootLocalCloud, type LocalCloud } from '../../fakes/local-cloud.ts';
import { speechlessMeeting } from '../../fakes/spoken-meeting.ts';

jest.setTimeout(120_000);

const app = { appId: 'app', appSecret: 'secret-of-the-app' };
let symbl: LocalSymbl;
let local: LocalCloud;
beforeAll(async () => {
  symbl = await startSymbl({
    port: 0,
    ...app,
    takes: () => 100,
    said: [
      { channel: 1, text: 'Today we plan the launch of the reading room.', startSeconds: 1, durationSeconds: 4 },
      { channel: 2, text: "I'll send the test build on Wednesday.", startSeconds: 6, durationSeconds: 3 },
      { channel: 3, text: 'What happens to the old catalogue?', startSeconds: 10, durationSeconds: 3 },
    ],
  });
  local = await bootLocalCloud({
    symbl: { url: symbl.url, ...app },
    settings: {
      RAPPORTEUR_TRANSCRIPTION: 'symbl',
      RAPPORTEUR_INSIGHTS: 'symbl',
      RAPPORTEUR_SYMBL_URL: 'https://symbl.example.org',
      RAPPORTEUR_SYMBL_SECRET: 'rapporteur/local/symbl',
    },
  });
});
afterAll(async () => {
  await local.close();
  await symbl.close();
  local.remove();
});

const read = async (key: string): Promise<unknown> =>
  JSON.parse((await (await local.look.object(key)).Body?.transformToString()) ?? '');

test('a recording without words is heard by a Symbl-compatible service, told by its callback, and mailed once', async () => {
  const { announce, jobId, meeting } = local.recordThis(
    speechlessMeeting('Heard by Symbl', local.cloud.zoomAccountId, { apart: true }),
  );
  await announce('recording.completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });

  const heard = transcript.parse(await read(`${job.folder}transcript.json`));
  expect(heard).toMatchObject({ origin: 'symbl', segments: [{ text: 'Today we plan the launch of the reading room.' }, {}, {}] });
  const [request, ...others] = symbl.requests();
  expect(others).toEqual([]);
  expect(request?.url).toContain('speakers.flac');
  const names = request?.channelMetadata?.map(({ speaker }) => speaker.name) ?? [];
  expect(names.length).toBeGreaterThan(2);
  expect(heard.speakers.map(({ name }) => name)).toEqual(names.slice(0, 3));
  expect(insights.parse(await read(`${job.folder}insights.json`))).toMatchObject({
    engine: 'symbl',
    actionItems: [{ assignee: names[1], segmentIds: ['2'] }],
  });
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
  expect(local.reports.map((report) => report.function)).toContain('rapporteur-local-symblCallback');
  expect(local.errors).toEqual([]);
  // Whoever reads the logs learns neither where the sound is nor what opens the callback.
  expect(local.lines.join('\n')).not.toMatch(/X-Amz-Signature|callbacks\/symbl\/zoom|secret-of-the-app/);
}); // prettier-ignore
