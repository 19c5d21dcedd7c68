import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../../core/job/job.ts';
import { event, sendNotice, type Ports } from '../../../functions/events/send-notice/send-notice.ts';
import { keyOf, mailWorld } from '../../fakes/mail-world.ts';
import { job } from '../mail/cases.ts';

const setUp = (told: Partial<Job> = {}, settings: Partial<Ports['settings']> = {}, host = 'ada@example.org') => {
  const now = () => new Date('2026-01-12T16:10:00Z');
  const world = mailWorld(now, 60_000);
  const asked = new Map<string, string>();
  const run = sendNotice({
    ...world.ports,
    jobs: { ...world.ports.jobs, get: () => Promise.resolve(job(told)), host: () => Promise.resolve(host) },
    stopList: {
      ...world.ports.stopList,
      isFirst: (what, _hours, jobId) => {
        if (!asked.has(what)) asked.set(what, jobId);
        return Promise.resolve(asked.get(what) === jobId);
      },
    },
    links: { token: (_id, purpose, subject) => Promise.resolve(`${purpose}.${subject}`) },
    settings: { mailNever: '', publicUrl: 'https://api.example.org', alarmMail: 'it@example.org', ...settings },
  });
  const name = `${job(told).jobId}-1`;
  const executionArn = `arn:aws:states:eu-central-1:123456789012:execution:rapporteur-dev-recording:${name}`;
  const end = (status: string, cause?: string) =>
    run(
      event.parse({
        detail: {
          ...{ executionArn, name, status, error: 'PermanentError' },
          ...(cause ? { cause: JSON.stringify({ errorType: 'PermanentError', errorMessage: cause }) } : {}),
        },
      }),
    );
  return { ...world, asked, end };
};
const to = (sent: { to: string }[]) => sent.map((mail) => mail.to);

describe('a recording that failed', () => {
  test('is told to those who run the service, with what to do and where to look', async () => {
    const { end, sent } = setUp({ step: 'FetchMetadata' });
    await end('FAILED', 'ZOOM_REFUSED: 401');
    expect(to(sent)).toEqual(['it@example.org']);
    expect(sent[0]).toMatchObject({ subject: 'Needs you: Reading room launch – 12 Jan 2026' });
    expect(sent[0]?.text).toContain('Zoom refused our credentials.\n\nCheck account id');
    expect(sent[0]?.text).toContain('- State\n  FetchMetadata');
    expect(sent[0]?.text).toMatch(/Open the execution:\nhttps:\/\/eu-central-1\.console\.aws\.amazon\.com\//);
    expect(sent[0]?.headers).not.toHaveProperty('List-Unsubscribe');
  });

  test('is told to its host where the host can do something about it, without what is for operators', async () => {
    const { end, sent } = setUp();
    await end('FAILED', 'RECORDING_NOT_FOUND: Zoom lists no recording');
    expect(to(sent)).toEqual(['it@example.org', 'ada@example.org']);
    expect(sent[1]?.text).toContain('recover it from the trash in the Zoom portal');
    expect(sent[1]?.text).not.toMatch(/console|RECORDING_NOT_FOUND|zoom-0123456789abcdef01234567-1/);
    expect(sent[1]?.headers['List-Unsubscribe']).toContain(keyOf('ada@example.org'));
  });

  test('makes one mail an hour of all that fail with one cause, and of a repeated event none', async () => {
    const { end, sent, asked } = setUp();
    asked.set('failed-ZOOM_REFUSED', 'another job');
    await end('FAILED', 'ZOOM_REFUSED: 401');
    expect(sent).toEqual([]);
    await end('FAILED', 'MAIL_REFUSED: no');
    await end('FAILED', 'MAIL_REFUSED: no');
    expect(sent).toHaveLength(1);
  });

  test('after its host was told that it is ready, is told to operators alone', async () => {
    const { end, sent } = setUp({ mailSentAt: '2026-01-11T10:00:00Z' });
    await end('FAILED', 'RECORDING_NOT_FOUND: gone');
    expect(to(sent)).toEqual(['it@example.org']);
  });

  test('is told to no host twice a day', async () => {
    const { end, sent, asked } = setUp({}, { alarmMail: '' });
    asked.set(`host-${keyOf('ada@example.org')}`, 'another job');
    await end('FAILED', 'RECORDING_NOT_FOUND: gone');
    expect(sent).toEqual([]);
  });

  test('is told to nobody where nobody asked for it, or who stopped it did so by hand', async () => {
    const none = setUp({}, { alarmMail: '' });
    await none.end('FAILED', 'ZOOM_REFUSED: 401');
    const stopped = setUp();
    await stopped.end('ABORTED');
    expect([...none.sent, ...stopped.sent]).toEqual([]);
  });

  test('that took too long is told in words', async () => {
    const { end, sent } = setUp();
    await end('TIMED_OUT');
    expect(sent[0]?.text).toContain('ran longer than it may');
  });

  test('shows nothing of a topic but its text', async () => {
    const { end, sent } = setUp({ topic: '<script>x</script>\r\nBcc: eve@example.org' });
    await end('FAILED', 'ZOOM_REFUSED: <img src=x>');
    expect(sent[0]?.html).not.toMatch(/<script|<img/);
    expect(sent[0]?.subject).not.toMatch(/[\r\n]/);
  });
});

describe('a recording that was skipped', () => {
  test('is told to its host with the reason', async () => {
    const { end, sent } = setUp({ status: 'rejected', reason: 'The meeting took 2 minutes, less than 5.' });
    await end('SUCCEEDED');
    await end('SUCCEEDED');
    expect(to(sent)).toEqual(['ada@example.org']);
    expect(sent[0]).toMatchObject({ subject: 'Not archived: Reading room launch – 12 Jan 2026' });
    expect(sent[0]?.text).toContain('The meeting took 2 minutes, less than 5.');
  });

  test('is not told where the operator rules the host out, nor one that was archived', async () => {
    const ruled = setUp({ status: 'rejected' }, { mailNever: 'example.org' });
    await ruled.end('SUCCEEDED');
    const done = setUp({ status: 'done' });
    await done.end('SUCCEEDED');
    expect([...ruled.sent, ...done.sent]).toEqual([]);
  });
});
