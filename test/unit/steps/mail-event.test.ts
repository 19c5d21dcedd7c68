import { describe, expect, test } from '@jest/globals';
import type { MailEvent, StopReason } from '../../../core/mail/stop-list.ts';
import { event, mailEvent } from '../../../functions/events/mail-event/mail-event.ts';
import { feedbackOn, type Fate } from '../../../local/mail/feedback.ts';
import { keyOf } from '../../fakes/mail-world.ts';

const mail = (tags = [{ name: 'job', value: 'zoom-1' }]) => ({
  ...{
    id: 'm1',
    time: '2026-01-12T16:00:00.000Z',
    from: 'rapporteur@example.org',
    to: ['Ada@example.org'],
    cc: [],
    bcc: [],
  },
  ...{ subject: 's', headers: [], tags, configurationSet: 'rapporteur-dev', bytes: Buffer.alloc(0) },
});

const setUp = () => {
  const stops: [string, StopReason][] = [];
  const events: [string, MailEvent][] = [];
  const notes: [string, string][] = [];
  const run = mailEvent({
    stopList: {
      stop: (key, because) => Promise.resolve(stops.push([key, because]) > 0),
      keepEvent: (key, one) => Promise.resolve(void events.push([key, one])),
    },
    jobs: { addNote: (jobId, note) => Promise.resolve(void notes.push([jobId, note])) },
    addressKey: (address) => Promise.resolve(keyOf(address)),
  });
  const tell = (fate: Exclude<Fate, undefined>, told = mail()) =>
    run(event.parse(feedbackOn(told, told.to[0] ?? '', fate)));
  return { run, tell, stops, events, notes };
};
const ada = keyOf('ada@example.org');

describe('what SES says of a mail', () => {
  test('a mail that came back for good is kept, stops the address, and stands in the job without it', async () => {
    const { tell, stops, events, notes } = setUp();
    await tell('bounce');
    expect(stops).toEqual([[ada, 'bounced']]);
    expect(events).toEqual([
      [ada, expect.objectContaining({ kind: 'bounce', jobId: 'zoom-1', detail: 'Permanent General' })],
    ]);
    expect(notes).toEqual([['zoom-1', `A mail came back for good, and its reader gets no more (ADDRESS#${ada}).`]]);
    expect(JSON.stringify([events, notes])).not.toMatch(/@/);
  });

  test('a complaint stops the address too', async () => {
    const { tell, stops, events } = setUp();
    await tell('complaint');
    expect(stops).toEqual([[ada, 'complained']]);
    expect(events[0]?.[1]).toMatchObject({ kind: 'complaint', detail: 'abuse' });
  });

  test('a full mailbox is noted, and the next mail goes there all the same', async () => {
    const { tell, stops, notes } = setUp();
    await tell('soft-bounce');
    expect(stops).toEqual([]);
    expect(notes).toEqual([['zoom-1', 'A mail came back; the next one is sent all the same.']]);
  });

  test('of a job that is gone, or of none, the address is stopped either way', async () => {
    const { stops, tell } = setUp();
    await tell('bounce', mail([]));
    const gone = mailEvent({
      stopList: {
        stop: (key, because) => Promise.resolve(stops.push([key, because]) > 0),
        keepEvent: () => Promise.resolve(),
      },
      jobs: { addNote: () => Promise.reject(Object.assign(new Error(), { name: 'ConditionalCheckFailedException' })) },
      addressKey: (address) => Promise.resolve(keyOf(address)),
    });
    await gone(event.parse(feedbackOn(mail(), 'Ada <ada@example.org>', 'bounce')));
    expect(stops).toEqual([
      [ada, 'bounced'],
      [ada, 'bounced'],
    ]);
  });

  test('in a shape that nobody knows is refused by name', () => {
    expect(() => event.parse({ detail: { eventType: 'Delivery', mail: {} } })).toThrow();
    expect(() => event.parse({ detail: { eventType: 'Bounce', mail: {}, bounce: {} } })).toThrow();
  });
});
