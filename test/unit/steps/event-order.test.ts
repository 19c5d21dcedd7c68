import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { captureLog, type CapturedLog } from '../../fakes/lambda.ts';
import { expectWhole, laterTellings, play, scheduleOf, tellings, type Rest } from '../../fakes/meeting-play.ts';

/** fast-check tells seed and path of a failure. As many runs as the time allows; EVENT_ORDER_SECONDS allows more. */
const seconds = Number(process.env['EVENT_ORDER_SECONDS'] ?? 1);
const budget = { numRuns: 100_000, interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false };
// The last run may outlast the budget, and the walk through every call has none.
jest.setTimeout(seconds * 1_000 + 60_000);

const rests: Rest[] = ['none', 'all', 'told so far'];
const inOrder = (list: typeof tellings) => list.map((telling) => ({ telling, when: 'first' as const }));

let captured: CapturedLog;
beforeAll(() => {
  captured = captureLog();
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
        fc.asyncProperty(scheduleOf(tellings), async (deliveries) => {
          const played = await play({ deliveries, rest });
          expectWhole(played);
          expect(played.objects).toEqual(reference.objects);
          // Each file was fetched once, whatever was announced again.
          expect([...played.flow.received].sort()).toEqual([...played.expected].sort());
        }),
        budget,
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
      for (let moment = 1, calls = 1; moment <= calls + 1; moment += 1) {
        const played = await play({ deliveries: deliveries(moment), rest });
        expectWhole(played);
        expect([...played.flow.received].sort()).toEqual(['film', 'words']);
        ({ calls } = played);
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
      fc.asyncProperty(scheduleOf(list), async (deliveries) => {
        const played = await play({ deliveries, rest: 'all' });
        expectWhole(played);
        expect(played.objects).toEqual(reference.objects);
      }),
      budget,
    );
  });

  test('lose and mix up nothing where segments come in any order to an app that has only webhooks', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleOf([...tellings, ...laterTellings]), async (deliveries) => {
        expectWhole(await play({ deliveries, rest: 'none' }));
      }),
      budget,
    );
  });

  test('end the same way when answers of the table are lost and steps run twice', async () => {
    const reference = await play({ deliveries: inOrder(tellings), rest: 'none' });
    const lost = fc.uniqueArray(fc.nat({ max: 150 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(scheduleOf(tellings), lost, fc.constantFrom(...rests), async (deliveries, numbers, rest) => {
        const played = await play({ deliveries, rest, lost: numbers });
        expectWhole(played);
        expect(played.objects).toEqual(reference.objects);
        expect(played.flow.received.length).toBeLessThanOrEqual(played.expected.length + numbers.length);
      }),
      budget,
    );
  });

  test('end the same way when an execution fails for good and is redriven', async () => {
    const reference = await play({ deliveries: inOrder(tellings), rest: 'none' });
    await fc.assert(
      fc.asyncProperty(
        scheduleOf(tellings),
        fc.nat({ max: 120 }),
        fc.constantFrom(...rests),
        async (deliveries, broken, rest) => {
          const played = await play({ deliveries, rest, broken });
          expectWhole(played);
          expect(played.objects).toEqual(reference.objects);
        },
      ),
      budget,
    );
  });
});
