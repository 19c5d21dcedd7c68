import fc from 'fast-check';
import type { Fault, Route } from '../../../local/zoom/faults.ts';
import type { EventFate } from './cloud-process.ts';
import type { AwsFault } from './fault-proxy.ts';

type Garbage = 'unsigned' | 'badly signed' | 'not JSON' | 'nonsense' | 'unknown event' | 'too large';

/** One thing that happens to the cloud. Plain data, so that a sequence can be kept in a file and cut down by hand. */
export type Step =
  | {
      do: 'announce';
      meeting: number;
      files: 'all' | 'transcript' | number;
      twice: boolean;
      token: 'good' | 'expired' | 'none';
    }
  | { do: 'garbage'; what: Garbage }
  | { do: 'zoom fault'; meeting: number; route: Route; effect: Fault['effect']; skip: number; times: number }
  | ({ do: 'aws fault' } & AwsFault)
  | { do: 'event fate'; fate: EventFate }
  | { do: 'kill function'; which: number }
  | { do: 'kill cloud' }
  | { do: 'stop'; which: number }
  | { do: 'redrive'; which: number }
  | { do: 'start by hand'; meeting: number }
  | { do: 'delete at Zoom'; meeting: number; file: number }
  | { do: 'work'; invocations: number }
  | { do: 'rest' }
  | { do: 'heal' }
  | { do: 'hours pass'; hours: number };

const of = <Name extends Step['do']>(name: Name, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant(name), ...fields }) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>;

export const meetingsInARun = 3;
const meeting = fc.nat(meetingsInARun - 1);
const which = fc.nat(99);
const times = fc.integer({ min: 1, max: 4 });

const anyAnswer: fc.Arbitrary<Fault['effect']> = fc.oneof(
  fc.record({
    kind: fc.constant('rateLimited' as const),
    retryAfter: fc.record({
      form: fc.constantFrom('seconds' as const, 'http-date' as const, 'iso' as const),
      seconds: fc.nat(30),
    }),
  }),
  fc.record({ kind: fc.constant('error' as const), status: fc.constantFrom(500, 502, 503) }),
  fc.constant({ kind: 'expiredToken' as const }),
  fc.constant({ kind: 'unauthorized' as const }),
);
const anyBody: fc.Arbitrary<Fault['effect']> = fc.oneof(
  fc.record({
    kind: fc.constant('truncated' as const),
    at: fc.constantFrom(0, 1, 3_000, 50_000),
    framing: fc.constantFrom('content-length' as const, 'chunked' as const, 'none' as const),
  }),
  fc.record({ kind: fc.constant('reset' as const), at: fc.constantFrom(0, 1, 50_000) }),
  fc.constant({ kind: 'gzip' as const }),
  fc.constant({ kind: 'unmeasured' as const }),
);
const onRoute = (route: Route, effect: fc.Arbitrary<Fault['effect']>): fc.Arbitrary<Step> =>
  of('zoom fault', { route: fc.constant(route), effect, meeting, times, skip: fc.nat(3) });

const zoomFault = fc.oneof(
  onRoute('token', anyAnswer),
  onRoute(
    'recordings',
    fc.oneof(
      anyAnswer,
      fc.constant({ kind: 'processing' as const, bare: true }),
      fc.constant({ kind: 'processing' as const }),
    ),
  ),
  onRoute(
    'download',
    fc.oneof(anyAnswer, fc.constant({ kind: 'html200' as const }), fc.constant({ kind: 'json59' as const })),
  ),
  onRoute(
    'storage',
    fc.oneof(anyBody, fc.record({ kind: fc.constant('error' as const), status: fc.constantFrom(403, 500, 503) })),
  ),
);

/** More than the SDK's own three tries, so that some get through to the machine. */
const mostFailures = 6;
/** Each kill costs the computer the start of a process. */
const mostKills = 2;

const awsFault = (effects: readonly AwsFault['effect'][], most: number): fc.Arbitrary<Step> =>
  of('aws fault', {
    service: fc.constantFrom('dynamodb', 'dynamodb', 's3', 's3', 'states', 'states', 'secretsmanager'),
    of: fc.constantFrom('writes', 'reads', undefined),
    effect: fc.constantFrom(...effects),
    when: fc.constantFrom('before', 'after'),
    // The next call as often as any of the ones after it: most moments that matter are close.
    skip: fc.oneof(fc.constant(0), fc.nat(8)),
    times: fc.integer({ min: 1, max: most }),
  });

/** A call that is throttled was not made. */
const throttle = of('aws fault', {
  service: fc.constantFrom('dynamodb', 's3', 'states', 'secretsmanager', 'ses'),
  effect: fc.constant('throttle'),
  when: fc.constant('before'),
  skip: fc.nat(4),
  times: fc.integer({ min: 1, max: mostFailures }),
});

/** There is one such call a job: whatever happens to it, the host gets one mail. */
const mailFault = of('aws fault', {
  service: fc.constant('ses'),
  effect: fc.constantFrom('error', 'reset', 'kill'),
  when: fc.constantFrom('before', 'after'),
  skip: fc.nat(1),
  times: fc.integer({ min: 1, max: mostKills }),
});

/** What may happen next, the frequent things first. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: of('announce', {
      meeting,
      files: fc.oneof(fc.constant('all'), fc.constant('transcript'), fc.nat(5)),
      twice: fc.boolean(),
      token: fc.constantFrom('good', 'good', 'good', 'expired', 'none'),
    }),
  },
  { weight: 7, arbitrary: of('work', { invocations: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 4, arbitrary: zoomFault },
  { weight: 4, arbitrary: awsFault(['error', 'reset'], mostFailures) },
  { weight: 1, arbitrary: throttle },
  { weight: 2, arbitrary: mailFault },
  { weight: 3, arbitrary: awsFault(['kill'], mostKills) },
  {
    weight: 2,
    arbitrary: of('garbage', {
      what: fc.constantFrom('unsigned', 'badly signed', 'not JSON', 'nonsense', 'unknown event', 'too large'),
    }),
  },
  { weight: 2, arbitrary: of('event fate', { fate: fc.constantFrom('lost', 'doubled', 'failed') }) },
  { weight: 2, arbitrary: of('redrive', { which }) },
  { weight: 1, arbitrary: of('kill function', { which }) },
  { weight: 1, arbitrary: of('kill cloud', {}) },
  { weight: 1, arbitrary: of('stop', { which }) },
  { weight: 1, arbitrary: of('start by hand', { meeting }) },
  { weight: 1, arbitrary: of('delete at Zoom', { meeting, file: fc.nat(5) }) },
  { weight: 1, arbitrary: of('rest', {}) },
  { weight: 1, arbitrary: of('heal', {}) },
  { weight: 1, arbitrary: of('hours pass', { hours: fc.constantFrom(1, 13, 25) }) },
);

/** The sequence that a seed stands for. */
export const stepsOf = (seed: number, length: number): Step[] =>
  fc.sample(fc.array(anyStep, { minLength: length, maxLength: length, size: 'max' }), { seed, numRuns: 1 })[0] ?? [];
