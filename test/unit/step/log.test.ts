import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keepOutOfLogs, log, redactText, setLogContext } from '../../../core/step/log.ts';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { cpuMillis } from '../../fakes/cpu.ts';

let captured: CapturedLog;
beforeEach(() => {
  captured = captureLog();
});
afterEach(() => {
  captured.release();
  setLogContext({});
});

const canary = 'canary-5f2b';
const token = 'eyJhbGciOiJIUzUxMiJ9.eyJhY2NvdW50SWQiOiJBIn0.c2lnbmF0dXJl';

describe('a log line', () => {
  test('is one line of JSON with level, time, message and what the invocation is about', () => {
    setLogContext({ step: 'PlanDownload', jobId: 'zoom-1' });
    log.info('step started', { files: 3 });
    setLogContext({ step: 'CloseJob' });
    log.error('two\nlines', {});
    const [first, second] = captured.entries();
    expect(first).toEqual({
      level: 'info',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      message: 'step started',
      step: 'PlanDownload',
      jobId: 'zoom-1',
      files: 3,
    });
    expect(second).toMatchObject({ level: 'error', message: 'two\nlines', step: 'CloseJob' });
    expect(second).not.toHaveProperty('jobId');
  });

  test('keeps its level and message, whatever the fields are called', () => {
    log.warn('kept', { level: 'none', message: 'other', at: 'never' });
    expect(captured.entries()[0]).toMatchObject({ level: 'warn', message: 'kept' });
  });

  test.each([
    'downloadToken', 'download_token', 'clientSecret', 'password', 'recording_play_passcode', 'Authorization', 'cookie',
    'x-zm-signature', 'hostEmail', 'topic', 'download_url', 'downloadUrl', 'playUrl', 'credentials',
  ])('hides the field %s, wherever it is', (name) => {
    log.info('secret', { [name]: canary, deep: [{ in: { a: { [name]: [canary] } } }], map: new Map([[name, canary]]) });
    expect(captured.text()).not.toContain(canary);
  }); // prettier-ignore

  test('hides secrets by value, in fields, names, lists, errors and their causes', () => {
    keepOutOfLogs(canary, undefined, '');
    const cause = new Error(`${canary} inside`);
    const error = new Error(`outside ${canary}`, { cause });
    log.error(`message ${canary}`, {
      plain: `a${canary}b`,
      [canary]: 1,
      list: [[canary], new Set([canary])],
      error,
      several: new AggregateError([cause], canary),
    });
    expect(captured.text()).not.toContain(canary);
    expect(captured.entries()[0]).toMatchObject({
      plain: 'a[redacted]b',
      error: { name: 'Error', message: 'outside [redacted]', cause: { message: '[redacted] inside' } },
    });
  });

  test('hides what looks like a secret, though nobody named it one', () => {
    log.info('fetched', {
      header: `Bearer ${canary}`,
      basic: `authorised with Basic ${Buffer.from(canary).toString('base64')}`,
      signed: `GET https://files.example/a/b.mp4?X-Amz-Signature=${canary}&x=1 failed`,
      path: `/rec/download/1?access=${canary}`,
      login: `https://me:${canary}@zoom.us/`,
      jwt: `got ${token} from Zoom`,
      mail: ['to Ada.Lovelace+x@mail.example.org', 'josé@exámple.org'],
    });
    const text = captured.text();
    expect(text).not.toMatch(/canary|Y2FuYXJ5|eyJ|Lovelace|josé|mple\.org/);
    expect(captured.entries()[0]).toMatchObject({
      header: 'Bearer [redacted]',
      signed: 'GET https://files.example/a/b.mp4?[redacted] failed',
      jwt: 'got [redacted] from Zoom',
      mail: ['to [address]', '[address]'],
    });
  });

  test('leaves ordinary words alone', () => {
    const text = 'step ended: 3 files of zoom-0a1b2c were archived (is that all? yes) at 12:00 @noon';
    expect(redactText(text)).toBe(text);
    keepOutOfLogs('all', 'files');
    expect(redactText(text)).toBe(text);
  });

  test('is written for values that JSON cannot say', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['self'] = circle;
    const unreadable = {
      get trap(): never {
        throw new Error('do not look');
      },
    };
    log.info('odd', { big: 10n, circle, bytes: Buffer.from(canary), at: new Date(Number.NaN), none: undefined });
    log.info('worse', { unreadable });
    expect(captured.entries()).toEqual([
      expect.objectContaining({ message: 'odd', big: '10', bytes: '[11 bytes]' }),
      expect.objectContaining({ message: 'worse', fields: '[not readable]' }),
    ]);
  });

  test('stays short and quick, however long a text is', () => {
    const started = cpuMillis();
    log.info('long', { text: 'a'.repeat(1_000_000), mail: `${'b'.repeat(500_000)}@`, list: Array(10_000).fill('x') });
    expect(cpuMillis() - started).toBeLessThan(1_000);
    expect(captured.text().length).toBeLessThan(40_000);
  });

  test('never fails, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true })),
        (message, fields) => {
          log.info(message, fields);
        },
      ),
    );
    for (const entry of captured.entries()) expect(entry['level']).toBe('info');
  });

  test('hides the secrets that were used last, when a warm function has seen very many', () => {
    keepOutOfLogs('the-first-secret');
    for (let index = 0; index < 150; index += 1) keepOutOfLogs(`secret-number-${index}`);
    keepOutOfLogs('the-first-secret');
    for (let index = 150; index < 300; index += 1) keepOutOfLogs(`secret-number-${index}`);
    expect(redactText('the-first-secret secret-number-299')).toBe('[redacted] [redacted]');
  });
});
