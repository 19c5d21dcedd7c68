import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../../core/job/job.ts';
import { PermanentError } from '../../../core/step/errors.ts';
import { sendSummary, type Ports } from '../../../functions/recording/send-summary/send-summary.ts';
import { keyOf, mailWorld } from '../../fakes/mail-world.ts';
import { fakeObjects } from '../../fakes/objects.ts';
import { cases, file, job } from '../mail/cases.ts';

const { jobId, folder = '' } = job();
const start = Date.parse('2026-01-12T16:10:00Z');
const claimLastsMs = 60_000;

/** A job row, a clock that is set by hand, and a mail service that is told what to do. */
const setUp = (
  told: Partial<Job> = {},
  host: string | undefined = 'ada@example.org',
  stored: Record<string, string> = {},
  rules: Partial<Ports['settings']> = {},
) => {
  let row: Job = job(told);
  const clock = { ms: start };
  const now = () => new Date(clock.ms);
  const world = mailWorld(now, claimLastsMs);
  const objects = fakeObjects(stored);
  const jobs: Ports['jobs'] = {
    ...world.ports.jobs,
    get: () => Promise.resolve(structuredClone(row)),
    files: () => Promise.resolve([file()]),
    merges: () => Promise.resolve([]),
    host: () => Promise.resolve(host),
    alternativeHosts: () => Promise.resolve(['Grace@example.org', 'hJ7kL2mN9pQ', 'ada@example.org']),
    mailsDone: (_id, mailTold) => {
      row = { ...row, mailSentAt: now().toISOString(), mailTold };
      return Promise.resolve();
    },
  };
  const ports: Ports = {
    ...world.ports,
    ...{ jobs, objects },
    links: {
      watch: (id) => Promise.resolve((seconds = 0) => `https://api.example.org/r/${id}?k=w&t=${seconds}`),
      token: (_id, purpose, subject) => Promise.resolve(`${purpose}.${subject}`),
    },
    settings: {
      ...{ mailAlso: '', mailNever: '', publicUrl: 'https://api.example.org', linkDays: 90 },
      ...{ onLateTranscript: false, ...rules },
    },
  };
  return { ...world, ports, jobs, objects, clock, row: () => row, run: () => sendSummary(ports)({ jobId }) };
};

const insightsText = JSON.stringify(cases.full?.recorded.insights);
const found = { [`${folder}insights.json`]: insightsText };

describe('SendSummary', () => {
  test('sends the summary to the host alone, and remembers it', async () => {
    const { run, sent, row, mails } = setUp({}, 'ada@example.org', found);
    expect(await run()).toEqual({ mail: 'sent' });
    expect([...mails.values()]).toMatchObject([{ kind: 'summary', recipient: keyOf('ada@example.org'), mailId: 'm1' }]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ to: 'ada@example.org', subject: 'Summary: Reading room launch – 12 Jan 2026' });
    expect(row()).toMatchObject({ mailTold: 'summary', mailSentAt: '2026-01-12T16:10:00.000Z' });
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
    [undefined, 'No mail was sent to the host, who has no known address.'],
    ['', 'No mail was sent to the host, who has no known address.'],
    ['ädä@example.org', "No mail was sent to the host: the host's address is not valid."],
    ['ada@example.org\r\nBcc: eve@example.org', "No mail was sent to the host: the host's address is not valid."],
  ])('a host with the address %j gets no mail, and the job says so', async (host, note) => {
    const { ports, sent, notes, mails } = setUp();
    ports.jobs.host = () => Promise.resolve(host);
    expect(await sendSummary(ports)({ jobId })).toEqual({ mail: 'no-recipient' });
    expect(sent).toEqual([]);
    expect([...notes]).toEqual([note]);
    expect(mails.size).toBe(0);
  });

  test('of two runs at once only one sends', async () => {
    const { run, sent } = setUp();
    const outcomes = await Promise.allSettled([run(), run()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'TransientError' } });
    expect(sent).toHaveLength(1);
  });

  test('the claim is written before the mail is handed over', async () => {
    const { run, behave, mails } = setUp();
    let claimed: string | undefined;
    behave.send = () => {
      claimed = [...mails.values()][0]?.claimedAt;
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
    const { run, behave, mails } = setUp();
    behave.send = () => Promise.reject(new PermanentError('MAIL_REFUSED', 'the sender is not verified'));
    await expect(run()).rejects.toMatchObject({ name: 'PermanentError', code: 'MAIL_REFUSED' });
    expect([...mails.values()][0]?.claimedAt).toBeUndefined();
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

  test('links to the page, and to where this reader alone stops the mails', async () => {
    const { run, sent } = setUp();
    await run();
    expect(sent[0]?.text).toContain(`https://api.example.org/r/${jobId}?k=w&t=0`);
    const stop = `https://api.example.org/unsubscribe?j=${jobId}&k=unsubscribe.${keyOf('ada@example.org')}`;
    expect(sent[0]?.headers['List-Unsubscribe']).toBe(`<${stop}>`);
    expect(sent[0]?.text).toContain(stop);
  });

  test('offers the transcript where there is one', async () => {
    const { run, sent } = setUp({}, 'ada@example.org', { ...found, [`${folder}transcript.json`]: '{}' });
    await run();
    expect(sent[0]?.text).toContain('Read the transcript:');
  });
});

describe('SendSummary with further readers', () => {
  const rules = { mailAlso: 'library@example.org, ADA@example.org,registry@example.net' };
  const addressees = (sent: { to: string }[]) => sent.map(({ to }) => to);

  test('sends each a mail of their own, and nobody two', async () => {
    const { run, sent } = setUp({}, 'ada@example.org', found, rules);
    expect(await run()).toEqual({ mail: 'sent' });
    expect(addressees(sent)).toEqual(['ada@example.org', 'library@example.org', 'registry@example.net']);
    for (const { to, text, headers } of sent)
      for (const other of addressees(sent).filter((one) => one !== to))
        expect(text + JSON.stringify(headers)).not.toContain(other);
    expect(sent[1]?.text).toContain('has put your address on its list');
    expect(new Set(sent.map(({ headers }) => headers['List-Unsubscribe'])).size).toBe(3);
  });

  test('reaches alternative hosts where that is asked for, by the addresses that Zoom names', async () => {
    const { run, sent } = setUp({}, 'ada@example.org', found, { mailAlso: 'alternative-hosts,library@example.org' });
    await run();
    expect(addressees(sent)).toEqual(['ada@example.org', 'Grace@example.org', 'library@example.org']);
    expect(sent[1]?.text).toContain('you are an alternative host of this meeting');
  });

  test('a crash between two sends repeats none', async () => {
    const { run, sent, behave, row, clock } = setUp({}, 'ada@example.org', found, rules);
    const works = behave.send;
    behave.send = (mail) => (mail.to.startsWith('library') ? Promise.reject(new Error('killed')) : works(mail));
    // The one after it is sent too: what nobody knows concerns one reader alone.
    await expect(run()).rejects.toThrow('killed');
    behave.send = works;
    expect(row().mailSentAt).toBeUndefined();
    await expect(run()).rejects.toMatchObject({ name: 'TransientError' });
    expect(addressees(sent)).toEqual(['ada@example.org', 'registry@example.net']);
    clock.ms += claimLastsMs + 1;
    expect(await run()).toEqual({ mail: 'sent' });
    expect(addressees(sent)).toEqual(['ada@example.org', 'registry@example.net', 'library@example.org']);
  });

  test('one whom the mail service refuses costs the others nothing', async () => {
    const { run, sent, behave, notes } = setUp({}, 'ada@example.org', found, rules);
    const works = behave.send;
    behave.send = (mail) =>
      mail.to.startsWith('library') ? Promise.reject(new PermanentError('MAIL_REFUSED', 'no')) : works(mail);
    expect(await run()).toEqual({ mail: 'sent' });
    expect(addressees(sent)).toEqual(['ada@example.org', 'registry@example.net']);
    expect([...notes]).toEqual(['The mail service refused the mail to 1 of 3 readers.']);
  });

  test('a host without an address does not keep it from them', async () => {
    const { run, sent, notes } = setUp({}, '', found, rules);
    expect(await run()).toEqual({ mail: 'sent' });
    expect(sent).toHaveLength(3);
    expect([...notes]).toEqual(['No mail was sent to the host, who has no known address.']);
  });

  test('whom the operator rules out gets none, and the job says how many', async () => {
    const ruled = { ...rules, mailNever: 'registry@example.net, example.org' };
    const { run, sent, notes } = setUp({}, 'ada@mail.example.org', found, ruled);
    expect(await run()).toEqual({ mail: 'no-recipient' });
    expect(sent).toEqual([]);
    expect([...notes]).toEqual(['The setting mailNever keeps the mail from 4 of its readers.']);
  });

  test.each([
    ['unsubscribed', 'whoever reads it has stopped these mails'],
    ['bounced', 'an earlier mail to it came back'],
    ['complained', 'an earlier mail was marked as unwanted'],
  ] as const)('whoever is on the stop list (%s) gets none, and the job names the row', async (because, why) => {
    const { run, sent, notes, stopped } = setUp({}, 'ada@example.org', found, rules);
    stopped.set(keyOf('ada@example.org'), { because, at: '2026-01-01T00:00:00Z' });
    expect(await run()).toEqual({ mail: 'sent' });
    expect(addressees(sent)).toEqual(['library@example.org', 'registry@example.net']);
    expect([...notes]).toEqual([`No mail was sent to the host: ${why} (ADDRESS#${keyOf('ada@example.org')}).`]);
    expect([...notes].join()).not.toContain('ada@');
  });
});

describe('SendSummary after a late transcript', () => {
  const late = { mailSentAt: '2026-01-12T13:00:00Z', mailTold: 'recording' } as const;

  test('sends nothing more by default', async () => {
    const { run, sent } = setUp(late, 'ada@example.org', found);
    expect(await run()).toEqual({ mail: 'already-sent' });
    expect(sent).toEqual([]);
  });

  test('sends one further mail to each reader where that is set, marked as an update', async () => {
    const { run, sent, row } = setUp(late, 'ada@example.org', found, { onLateTranscript: true });
    expect(await run()).toEqual({ mail: 'sent' });
    expect(sent[0]?.subject).toMatch(/^Update: summary: /);
    expect(row().mailTold).toBe('summary');
    expect(await run()).toEqual({ mail: 'already-sent' });
    expect(sent).toHaveLength(1);
  });

  test('sends none where there is still no summary, or the first mail had one', async () => {
    const still = setUp(late, 'ada@example.org', {}, { onLateTranscript: true });
    expect(await still.run()).toEqual({ mail: 'already-sent' });
    const had = setUp({ ...late, mailTold: 'summary' }, 'ada@example.org', found, { onLateTranscript: true });
    expect(await had.run()).toEqual({ mail: 'already-sent' });
    expect([...still.sent, ...had.sent]).toEqual([]);
  });
});
