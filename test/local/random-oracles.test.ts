import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { jobIdOf } from '../../core/keys.ts';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf } from '../../local/zoom/media.ts';
import { meetingsOf } from '../long/random/meetings.ts';
import { complaints, type Done } from '../long/random/oracles.ts';
import { leaksIn, residueIn } from '../long/random/secrets.ts';
import type { ArchivedFile, SeenJob, Snapshot } from '../long/random/snapshot.ts';

// Who judges random runs is judged here: what is right passes, and each thing that can be wrong is named.
const [meeting] = meetingsOf('account');
if (!meeting) throw new Error('There is no meeting.');
const jobId = jobIdOf(meeting.accountId, meeting.uuid);
const at = '2026-01-12T16:00:00.000Z';

const archive = meeting.files.map((file): ArchivedFile => ({
  ...{ jobId, fileId: file.id, zoomId: file.id, fileType: file.fileType, extension: file.extension, segment: 0 },
  ...{ recordingStart: file.start, view: 'view', key: `folder/${file.id}`, status: 'archived' },
  sha256: sha256Of(contentOf(file.content)),
}));
const job: SeenJob = {
  ...{ jobId, source: 'zoom', origin: 'webhook', meetingUuid: meeting.uuid, status: 'done', attempt: 1, attemptAt: at },
  ...{ revision: 1, seenRevision: 1, notes: [], createdAt: at, updatedAt: at },
  files: meeting.files.map(({ id }) => id),
  archive,
};
const execution = {
  ...{ name: `${jobId}-1`, status: 'SUCCEEDED', redriveCount: 0, input: '{}', events: 60, scheduled: 12 },
  ...{ entered: ['FetchMetadata', 'PlanDownload', 'CloseJob'], error: undefined, cause: undefined },
};
const mail = { id: 'one', time: at, jobId };
const good: Snapshot = { jobs: [job], executions: [execution], mails: [mail], openUploads: [], leaks: 0, texts: [] };
const done: Done = {
  accepted: new Map([[meeting.uuid, new Set(meeting.files.map(({ id }) => id))]]),
  announcements: new Map([[meeting.uuid, 1]]),
  denied: new Set(),
  wasDisturbed: false,
  mayHaveLostEvents: false,
};
const failure = { code: 'UNEXPLAINED', detail: 'odd', sentence: 'Something broke.', action: 'Redrive.' };
const files = (change: Partial<ArchivedFile>): Snapshot => ({
  ...good,
  jobs: [{ ...job, archive: archive.map((file, index) => (index === 0 ? { ...file, ...change } : file)) }],
});
const jobWith = (change: Partial<SeenJob>): Snapshot => ({ ...good, jobs: [{ ...job, ...change }] });
const soon = { ...mail, id: 'two', time: '2026-01-12T16:00:59.000Z' };
const late = { ...mail, id: 'two', time: '2026-01-12T16:01:01.000Z' };

test('a run in which everything is right has no complaint', () => {
  expect(complaints([meeting], good, done)).toEqual([]);
  const missing = files({ status: 'missing', missingBecause: 'deleted' });
  expect(complaints([meeting], missing, { ...done, denied: new Set([meeting.uuid]) })).toEqual([]);
  expect(complaints([meeting], { ...good, mails: [mail, late] }, { ...done, wasDisturbed: true })).toEqual([]);
});

test.each<[string, Snapshot, RegExp]>([
  ['an accepted event without a job', { ...good, jobs: [], mails: [] }, /no job has it/],
  ['an accepted file without a row', jobWith({ archive: archive.slice(1), files: job.files.slice(1) }), /has no row/],
  ['other bytes in the archive', files({ sha256: 'f00' }), /with other bytes/],
  ['no object behind an archived file', files({ sha256: undefined }), /with no object/],
  ['a file that was never fetched', files({ status: 'planned' }), /was never fetched/],
  ['a file missing without reason', files({ status: 'missing' }), /without a reason/],
  ['a file missing that Zoom had', files({ status: 'missing', missingBecause: 'gone' }), /Zoom had it all the time/],
  ['a job that runs nowhere', jobWith({ status: 'running', step: 'SendSummary' }), /without an open execution/],
  ['a job that failed for good', jobWith({ status: 'failed', failure }), /has failed for good/],
  ['a failure without words', jobWith({ status: 'failed' }), /without code, sentence and action/],
  ['a rejection without reason', jobWith({ status: 'rejected' }), /rejected without a reason/],
  ['a done job with a failure', jobWith({ failure }), /tells of a failure/],
  ['attempts without news', jobWith({ attempt: 3 }), /3 attempts for 1 announcements/],
  ['a second mail for no cause', { ...good, mails: [mail, late] }, /2 mails in a run without disturbance/],
  ['calls without end', { ...good, executions: [{ ...execution, scheduled: 28 }] }, /28 calls for 3 states/],
  ['an open upload', { ...good, openUploads: ['folder/movie.mp4'] }, /folder\/movie.mp4 is left open/],
  ['a token at the storage host', { ...good, leaks: 1 }, /brought a token/],
])('%s is told', (_, seen, expected) => {
  expect(complaints([meeting], seen, done)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
});

test('a second mail before the first claim can have gone stale is told', () => {
  const seen = { ...good, mails: [mail, soon] };
  expect(complaints([meeting], seen, { ...done, wasDisturbed: true })).toEqual([
    `${jobId}: a second mail after 59000 ms`,
  ]);
});

test('a secret in a log, an answer, an execution or the table is told, and so is a file left over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-oracles-'));
  try {
    const [data, logs] = [join(folder, 'data'), join(folder, 'logs')];
    for (const one of [logs, join(data, 'stepfunctions'), join(data, 's3')]) mkdirSync(one, { recursive: true });
    writeFileSync(join(data, 'zoom-app.json'), JSON.stringify({ clientSecret: 'CLIENT', webhookSecret: 'WEBHOOK' }));
    const url = 'https://zoom.us/rec/webhook_download/file.key/ADDRESS';
    const body = JSON.stringify({ payload: { download_url: url }, download_token: 'TOKEN' });
    const line = (name: string, value: unknown): void =>
      writeFileSync(join(logs, `${name}.jsonl`), JSON.stringify(value));
    line('sent', { body });
    line('functions', 'all is well');
    expect([...leaksIn(data, logs, good), ...residueIn(data)]).toEqual([]);

    line('functions', 'a TOKEN slipped out');
    line('answers', 'for canary.host@fjordlight.example');
    writeFileSync(join(data, 'stepfunctions', 'one.jsonl'), 'get ADDRESS');
    writeFileSync(join(data, 's3', 'record.json.part'), '');
    const seen = { ...good, texts: [{ where: 'item 7 of the table', text: 'the CLIENT, the WEBHOOK' }] };
    expect([...leaksIn(data, logs, seen), ...residueIn(data)]).toEqual([
      'clientSecret is in item 7 of the table',
      'webhookSecret is in item 7 of the table',
      'a download token is in the log functions',
      'hostEmail is in the log answers',
      `a download address is in ${join('/stepfunctions', 'one.jsonl')}`,
      `${join('/s3', 'record.json.part')} is left over`,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
