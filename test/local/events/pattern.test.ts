import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventPattern } from '../../../local/events/pattern.ts';

const event = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  region: 'us-east-1',
  resources: ['arn:aws:states:us-east-1:000000000000:execution:recording:one', 'arn:other'],
  detail: {
    status: 'FAILED',
    count: 3,
    price: 2.5,
    flag: false,
    nothing: null,
    empty: '',
    path: 'a*b\\c',
    none: [],
    list: [1, 'two'],
    items: [
      { kind: 'a', size: 1 },
      { kind: 'b', size: 2 },
    ],
    deep: { er: 'x' },
  },
};
const matches = (pattern: unknown): boolean => eventPattern(pattern)(event);
const detail = (pattern: unknown): boolean => matches({ detail: pattern });

describe('an event pattern', () => {
  const cases: [string, unknown, boolean][] = [
    ['a value', { status: ['FAILED'] }, true],
    ['one of several values', { status: ['ABORTED', 'FAILED'] }, true],
    ['another value', { status: ['SUCCEEDED'] }, false],
    ['a value in other case', { status: ['failed'] }, false],
    ['a number', { count: [3] }, true],
    ['a number as text', { count: ['3'] }, false],
    ['a boolean', { flag: [false] }, true],
    ['null', { nothing: [null] }, true],
    ['null where nothing is', { missing: [null] }, false],
    ['an empty text', { empty: [''] }, true],
    ['an element of a list', { list: ['two'] }, true],
    ['both fields', { status: ['FAILED'], count: [3] }, true],
    ['one field of two', { status: ['FAILED'], count: [4] }, false],
    ['a field inside', { deep: { er: ['x'] } }, true],
    ['a missing field inside', { other: { er: ['x'] } }, false],
    ['prefix', { status: [{ prefix: 'FAI' }] }, true],
    ['prefix of something else', { status: [{ prefix: 'ail' }] }, false],
    ['prefix of any case', { status: [{ prefix: { 'equals-ignore-case': 'fai' } }] }, true],
    ['prefix of a number', { count: [{ prefix: '3' }] }, false],
    ['suffix', { status: [{ suffix: 'LED' }] }, true],
    ['suffix of any case', { status: [{ suffix: { 'equals-ignore-case': 'led' } }] }, true],
    ['equals-ignore-case', { status: [{ 'equals-ignore-case': 'failed' }] }, true],
    ['anything-but the value', { status: [{ 'anything-but': 'FAILED' }] }, false],
    ['anything-but another', { status: [{ 'anything-but': 'DONE' }] }, true],
    ['anything-but a list with it', { status: [{ 'anything-but': ['DONE', 'FAILED'] }] }, false],
    ['anything-but a number', { count: [{ 'anything-but': 3 }] }, false],
    ['anything-but numbers', { count: [{ 'anything-but': [1, 2] }] }, true],
    ['anything-but a text, of a number', { count: [{ 'anything-but': 'x' }] }, true],
    ['anything-but a prefix', { status: [{ 'anything-but': { prefix: 'FA' } }] }, false],
    ['anything-but prefixes', { status: [{ 'anything-but': { prefix: ['X', 'FA'] } }] }, false],
    ['anything-but a suffix', { status: [{ 'anything-but': { suffix: 'X' } }] }, true],
    ['anything-but in any case', { status: [{ 'anything-but': { 'equals-ignore-case': ['failed'] } }] }, false],
    ['anything-but a wildcard', { status: [{ 'anything-but': { wildcard: 'F*D' } }] }, false],
    ['anything-but where nothing is', { missing: [{ 'anything-but': 'x' }] }, false],
    ['anything-but one of a list of values', { list: [{ 'anything-but': 'two' }] }, true],
    ['numeric equal', { price: [{ numeric: ['=', 2.5] }] }, true],
    ['numeric range', { price: [{ numeric: ['>', 2, '<=', 2.5] }] }, true],
    ['numeric outside', { price: [{ numeric: ['>', 2.5] }] }, false],
    ['numeric of a text', { status: [{ numeric: ['>', 0] }] }, false],
    ['exists', { status: [{ exists: true }] }, true],
    ['exists for a missing field', { missing: [{ exists: true }] }, false],
    ['not exists', { missing: [{ exists: false }] }, true],
    ['not exists for a field', { status: [{ exists: false }] }, false],
    ['exists for null', { nothing: [{ exists: true }] }, true],
    ['exists for an object, which is no leaf', { deep: [{ exists: true }] }, false],
    ['exists for an empty list', { none: [{ exists: true }] }, false],
    ['not exists inside what is missing', { other: { er: [{ exists: false }] } }, true],
    ['not exists or a value', { missing: [{ exists: false }, 'x'] }, true],
    ['wildcard', { status: [{ wildcard: 'F*LE*' }] }, true],
    ['wildcard for nothing', { status: [{ wildcard: 'FAILED*' }] }, true],
    ['wildcard elsewhere', { status: [{ wildcard: 'A*' }] }, false],
    ['wildcard with escapes', { path: [{ wildcard: 'a\\*b\\\\c' }] }, true],
    ['wildcard that is no expression', { status: [{ wildcard: 'F.*D' }] }, false],
    ['wildcards around an escape', { path: [{ wildcard: '*\\\\*' }] }, true],
    ['$or, second choice', { $or: [{ status: ['DONE'] }, { count: [{ numeric: ['>', 2] }] }] }, true],
    ['$or, no choice', { $or: [{ status: ['DONE'] }, { count: [9] }] }, false],
    ['$or and a field', { flag: [true], $or: [{ count: [3] }, { count: [4] }] }, false],
    ['one object of a list', { items: { kind: ['a'], size: [1] } }, true],
    ['fields of two objects of a list', { items: { kind: ['a'], size: [2] } }, false],
    ['a name every object inherits', { toString: [{ exists: true }] }, false],
  ];
  test.each(cases)('with %s', (_, pattern, expected) => {
    expect(detail(pattern)).toBe(expected);
  });

  test('looks at every part of the event', () => {
    expect(
      matches({
        source: ['aws.states'],
        'detail-type': [{ prefix: 'Step' }],
        resources: [{ suffix: 'recording:one' }],
        detail: { status: ['FAILED'] },
      }),
    ).toBe(true);
    expect(matches({ source: ['aws.ecs'], detail: { status: ['FAILED'] } })).toBe(false);
  });

  const broken: [string, unknown][] = [
    ['nothing', {}],
    ['a list', []],
    ['a value instead of a list', { source: 'aws.states' }],
    ['an empty list', { source: [] }],
    ['an empty object inside', { detail: {} }],
    ['a list in a list', { source: [['a']] }],
    ['an unknown match type', { source: [{ like: 'x' }] }],
    ['two match types at once', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['an empty prefix', { source: [{ prefix: '' }] }],
    ['a range upside down', { n: [{ numeric: ['>', 5, '<', 1] }] }],
    ['a range of one kind', { n: [{ numeric: ['>', 1, '>', 5] }] }],
    ['an unknown comparison', { n: [{ numeric: ['!=', 1] }] }],
    ['a comparison with text', { n: [{ numeric: ['=', '1'] }] }],
    ['exists with text', { n: [{ exists: 'true' }] }],
    ['anything-but of mixed kinds', { n: [{ 'anything-but': ['a', 1] }] }],
    ['anything-but nothing', { n: [{ 'anything-but': [] }] }],
    ['two stars', { n: [{ wildcard: 'a**b' }] }],
    ['a lone backslash', { n: [{ wildcard: 'a\\b' }] }],
    ['one choice only', { $or: [{ a: [1] }] }],
  ];
  test.each(broken)('with %s is refused', (_, pattern) => {
    expect(() => eventPattern(pattern)).toThrow(expect.objectContaining({ name: 'InvalidEventPatternException' }));
  });

  test('with cidr is refused by name', () => {
    expect(() => eventPattern({ ip: [{ cidr: '10.0.0.0/8' }] })).toThrow(
      'The event pattern cidr is not supported by the local cloud.',
    );
  });

  test('made of an event’s own values always matches that event', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const tree = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,4}$/),
      fc.oneof(value, fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value, { minKeys: 1, maxKeys: 3 })),
      { minKeys: 1, maxKeys: 4 },
    );
    const asPattern = (node: unknown): unknown =>
      typeof node === 'object' && node !== null
        ? Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, asPattern(inner)]))
        : [node];
    fc.assert(fc.property(tree, (sample) => eventPattern(asPattern(sample))(sample)));
  });

  test('with a wildcard matches what its stars were filled with', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), fc.string(), (parts, filling) => {
        const escaped = parts
          .map((part) => part.replace(/[\\*]/g, '\\$&'))
          .filter((part, at) => at === 0 || part !== '');
        return (
          escaped.join('*') === '' ||
          eventPattern({ a: [{ wildcard: escaped.join('*') }] })({
            a: parts.filter((part, at) => at === 0 || part !== '').join(filling),
          })
        );
      }),
    );
  });
});
