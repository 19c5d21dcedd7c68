import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../../core/job/job.ts';
import type { Mail } from '../../../core/mail/mail.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { sendSummary, type Ports } from '../../../functions/recording/send-summary/send-summary.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { cases, file, job } from '../mail/cases.ts';

const { jobId, folder = '' } = job();
const start = Date.parse('2026-01-12T16:10:00Z');
const claimLastsMs = 60_000;

/** A job row that behaves as the table does, a clock that is set by hand, and a mail service that is told what to do. */
const setUp = (
  told: Partial<Job> = {},
  host: string | undefined = 'ada@example.org',
  stored: Record<string, string> = {},
) => {
  let row: Job = job(told);
  const clock = { ms: start };
  const now = () => new Date(clock.ms);
  const sent: Mail[] = [];
  const notes = new Set<string>();
  const behave: { send: (mail: Mail) => ReturnType<Ports['mailer']['send']> } = {
    send: (mail) => Promise.resolve({ messageId: `m${sent.push(mail)}` }),
  };
  const jobs: Ports['jobs'] = {
    get: () => Promise.resolve(structuredClone(row)),
    files: () => Promise.resolve([file()]),
    host: () => Promise.resolve(host),
    addNote: (_id, note) => Promise.resolve(void notes.add(note)),
    claimMail: (_id, staleBefore) => {
      const free = !row.mailSentAt && (!row.mailClaimedAt || row.mailClaimedAt < staleBefore.toISOString());
      if (free) row = { ...row, mailClaimedAt: now().toISOString() };
      return Promise.resolve(free);
    },
    releaseMail: () => {
      const { mailClaimedAt: _, ...rest } = row;
      row = rest;
      return Promise.resolve();
    },
    mailSent: (_id, mailId) => {
      row = { ...row, mailSentAt: now().toISOString(), mailId };
      return Promise.resolve();
    },
  };
  const mailer = { send: (mail: Mail) => behave.send(mail) };
  const ports: Ports = { jobs, objects: fakeObjects(stored), mailer, now, settings: { claimLastsMs } };
  return { ports, jobs, clock, sent, notes, behave, row: () => row, run: () => sendSummary(ports)({ jobId }) };
};

const found = { [`${folder}insights.json`]: JSON.stringify(cases.full?.insights) };

describe('SendSummary', () => {
  test('sends the summary to the host alone, and remembers it', async () => {
    const { run, sent, row } = setUp({}, 'ada@example.org', found);
    expect(await run()).toEqual({ mail: 'sent' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ to: 'ada@example.org', subject: 'Summary: Reading room launch – 12 Jan 2026' });
    expect(row()).toMatchObject({ mailId: 'm1', mailSentAt: '2026-01-12T16:10:00.000Z' });
  });

  test('tells that the recording is ready where there are no insights', async () => {
    const { run, sent } = setUp();
    await run();
    expect(sent[0]?.subject).toBe('Recording ready: Reading room launch – 12 Jan 2026');
  });

  test.each(['not JSON', '{"engine":"other"}'])(
    'an unreadable summary (%s) does not cost the meeting its mail',
    async (text) => {
      const { run, sent } = setUp({}, 'ada@example.org', { [`${folder}insights.json`]: text });
      expect(await run()).toEqual({ mail: 'sent' });
      expect(sent[0]?.subject).toMatch(/^Recording ready/);
    },
  );

  test('sends no second mail when it runs again', async () => {
    const { run, sent } = setUp();
    await run();
    expect(await run()).toEqual({ mail: 'already-sent' });
    expect(sent).toHaveLength(1);
  });

  test('waits for the next round where files were announced meanwhile', async () => {
    const { run, sent } = setUp({ revision: 2, seenRevision: 1 });
    expect(await run()).toEqual({ mail: 'later' });
    expect(sent).toEqual([]);
  });

  test('a recording of which Zoom had nothing left is not announced as ready', async () => {
    const { ports, sent } = setUp();
    ports.jobs.files = () => Promise.resolve([{ ...file(), status: 'missing', missingBecause: 'deleted' }]);
    expect(await sendSummary(ports)({ jobId })).toEqual({ mail: 'nothing-archived' });
    expect(sent).toEqual([]);
  });

  test.each([
    [undefined, 'No mail was sent: the host has no known address.'],
    ['', 'No mail was sent: the host has no known address.'],
    ['ada@example.org\r\nBcc: eve@example.org', "No mail was sent: the host's address is not valid."],
  ])('a host with the address %j gets no mail, and the job says so', async (host, note) => {
    const { ports, sent, notes, row } = setUp();
    ports.jobs.host = () => Promise.resolve(host);
    expect(await sendSummary(ports)({ jobId })).toEqual({ mail: 'no-recipient' });
    expect(sent).toEqual([]);
    expect([...notes]).toEqual([note]);
    expect(row().mailClaimedAt).toBeUndefined();
  });

  test('of two runs at once only one sends', async () => {
    const { run, sent } = setUp();
    const outcomes = await Promise.allSettled([run(), run()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'TransientError' } });
    expect(sent).toHaveLength(1);
  });

  test('the claim is written before the mail is handed over', async () => {
    const { run, behave, row } = setUp();
    let claimed: string | undefined;
    behave.send = () => {
      claimed = row().mailClaimedAt;
      return Promise.resolve({ messageId: 'm1' });
    };
    await run();
    expect(claimed).toBe('2026-01-12T16:10:00.000Z');
  });

  test('a claim of a run that may still live is waited for, an older one is taken over', async () => {
    const { run, sent, behave, clock } = setUp();
    const works = behave.send;
    behave.send = () => Promise.reject(new Error('socket hang up'));
    await expect(run()).rejects.toThrow('socket hang up');
    behave.send = works;
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    clock.ms += claimLastsMs;
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    clock.ms += 1;
    expect(await run()).toEqual({ mail: 'sent' });
    expect(sent).toHaveLength(1);
  });

  test('a mail that was refused leaves no claim, and is a permanent failure', async () => {
    const { run, behave, row } = setUp();
    behave.send = () => Promise.reject(new PermanentError('MAIL_REFUSED', 'the sender is not verified'));
    await expect(run()).rejects.toMatchObject({ name: 'PermanentError', code: 'MAIL_REFUSED' });
    expect(row().mailClaimedAt).toBeUndefined();
  });

  test('a mail that the service could not take now is sent by the next run, without waiting', async () => {
    const { run, sent, behave } = setUp();
    const works = behave.send;
    behave.send = () => Promise.resolve({ notSent: 'too many mails at once' });
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    behave.send = works;
    expect(await run()).toEqual({ mail: 'sent' });
    expect(sent).toHaveLength(1);
  });

  test('every attempt carries the same mark, so that a second mail can be recognised', async () => {
    const first = setUp();
    const second = setUp();
    await first.run();
    await second.run();
    expect(first.sent[0]).toEqual(second.sent[0]);
    expect(first.sent[0]?.headers['X-Rapporteur-Mail']).toBe(`${jobId}-summary`);
  });
});
