import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import {
  expectSameObjects,
  expectWhole,
  laterTellings,
  play,
  scheduleOf,
  tellings,
  type Delivery,
  type Moment,
  type Rest,
} from '../../fakes/meeting-play.ts';

/** fast-check tells seed and path of a failure. A number of runs, so that a slow machine checks no less than a quick one. */
const budget = { numRuns: Number(process.env['EVENT_ORDER_RUNS'] ?? 8) };
// Against hanging alone: far longer than a busy machine takes.
jest.setTimeout(200_000 + budget.numRuns * 4_000);

const rests: Rest[] = ['none', 'all', 'told so far'];
const inOrder = (list: typeof tellings) => list.map((telling) => ({ telling, when: 'first' as const }));

const schedule = (...told: [string, Moment][]): Delivery[] =>
  told.map(([variant, when]) => ({ telling: tellings.find((one) => one.variant === variant) ?? never(variant), when }));
const never = (variant: string): never => {
  throw new Error(`there is no telling ${variant}`);
};
const before = (call: string, nth: number): Moment => ({ call, nth });

/** What runs have found once, to be tried first in each. */
const past = {
  twoAtOnce: schedule(
    ['v1', before('see', 3)],
    ['v4', before('fileReceived', 1)],
    ['v2', before('access', 0)],
    ['v6', before('claimMail', 2)],
    ['v5', before('file', 1)],
    ['v3', 'last'],
    ['v1', before('file', 1)],
  ),
  wordsAfterCaptions: schedule(
    ['v3', before('close', 1)],
    ['v2', before('get', 1)],
    ['v5', before('announcedFiles', 1)],
    ['v1', before('file', 1)],
    ['v4', before('get', 3)],
    ['v6', before('announce', 1)],
    ['v1', before('claimMail', 0)],
    ['v3', before('fileArchived', 0)],
    ['v3', before('file', 1)],
  ),
  captionsLast: schedule(
    ['v3', 'last'],
    ['v6', before('announce', 0)],
    ['v4', before('mailSent', 0)],
    ['v2', before('see', 3)],
    ['v1', before('get', 0)],
    ['v5', before('mailSent', 0)],
    ['v6', before('get', 1)],
  ),
};

let captured: CapturedLog;
/** All that steps call of the job table. */
let calls: string[];
beforeAll(async () => {
  captured = captureLog();
  ({ called: calls } = await play({ deliveries: inOrder([...tellings, ...laterTellings]), rest: 'all' }));
});
afterAll(() => captured.release());

describe('the events of one meeting', () => {
  test.each(rests)(
    'end in the same job, objects and mail, in whatever order and number they come (REST: %s)',
    async (rest) => {
      const reference = await play({ deliveries: inOrder(tellings), rest });
      expectWhole(reference);
      expect(Object.keys(reference.objects).length).toBeGreaterThan(8);
      await fc.assert(
        fc.asyncProperty(scheduleOf(tellings, calls), async (deliveries) => {
          const played = await play({ deliveries, rest });
          expectWhole(played);
          expect(played.objects).toEqual(reference.objects);
          // Each file was fetched once, whatever was announced again.
          expect([...played.flow.received].sort()).toEqual([...played.expected].sort());
        }),
        { ...budget, examples: [[past.twoAtOnce]] },
      );
    },
  );

  test.each([['none' as const], ['told so far' as const]])(
    'are neither lost nor repeated, before whichever call of whichever step the last one comes in (REST: %s)',
    async (rest) => {
      const [first, last] = [
        { names: ['film' as const], variant: 'v1' },
        { names: ['words' as const], variant: 'v2' },
      ];
      const deliveries = (when: number) => [
        { telling: first, when: 'first' as const },
        { telling: last, when },
      ];
      for (let moment = 1, count = 1; moment <= count + 1; moment += 1) {
        const played = await play({ deliveries: deliveries(moment), rest });
        expectWhole(played);
        expect([...played.flow.received].sort()).toEqual(['film', 'words']);
        ({ calls: count } = played);
      }
    },
  );

  test('number their segments by time when Zoom can be asked', async () => {
    const list = [...tellings, ...laterTellings];
    const reference = await play({ deliveries: inOrder(list), rest: 'all' });
    expect(Object.keys(reference.objects)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/000-gallery_view.mp4$/),
        expect.stringMatching(/001-gallery_view.mp4$/),
      ]),
    );
    await fc.assert(
      fc.asyncProperty(scheduleOf(list, calls), async (deliveries) => {
        const played = await play({ deliveries, rest: 'all' });
        expectWhole(played);
        expect(played.objects).toEqual(reference.objects);
      }),
      budget,
    );
  });

  test('lose and mix up nothing where segments come in any order to an app that has only webhooks', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleOf([...tellings, ...laterTellings], calls), async (deliveries) => {
        expectWhole(await play({ deliveries, rest: 'none' }));
      }),
      budget,
    );
  });

  test('end the same way when answers of the table are lost and steps run twice', async () => {
    const reference = await play({ deliveries: inOrder(tellings), rest: 'none' });
    const lost = fc.uniqueArray(fc.nat({ max: 150 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        scheduleOf(tellings, calls),
        lost,
        fc.constantFrom(...rests),
        async (deliveries, numbers, rest) => {
          const played = await play({ deliveries, rest, lost: numbers });
          expectWhole(played);
          expect(played.objects).toEqual(reference.objects);
          expect(played.flow.received.length).toBeLessThanOrEqual(played.expected.length + numbers.length);
        },
      ),
      budget,
    );
  });

  test('end the same way when an execution fails for good and is redriven', async () => {
    const reference = await play({ deliveries: inOrder(tellings), rest: 'none' });
    await fc.assert(
      fc.asyncProperty(
        scheduleOf(tellings, calls),
        fc.nat({ max: 120 }),
        fc.constantFrom(...rests),
        async (deliveries, broken, rest) => {
          const played = await play({ deliveries, rest, broken });
          expectWhole(played);
          expectSameObjects(played, reference);
        },
      ),
      {
        ...budget,
        examples: [
          [past.wordsAfterCaptions, 72, 'told so far'],
          [past.captionsLast, 56, 'none'],
        ],
      },
    );
  });

  test('end the same way, after whichever call of whichever step the execution fails for good', async () => {
    // Better words than those of the captions come while these are archived: all that follows is done twice.
    const deliveries: Delivery[] = [
      { telling: { names: ['film', 'captions'], variant: 'v1' }, when: 'first' },
      { telling: { names: ['words'], variant: 'v2' }, when: before('fileArchived', 1) },
    ];
    const reference = await play({ deliveries, rest: 'none' });
    for (let broken = 1, count = reference.calls; broken <= count; broken += 1) {
      const played = await play({ deliveries, rest: 'none', broken });
      expectWhole(played);
      expectSameObjects(played, reference);
      ({ calls: count } = played);
    }
  });
});
