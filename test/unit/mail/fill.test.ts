import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { template } from '../../../core/mail/fill.ts';

describe('the template engine', () => {
  test('fills in text, lists, what is there and what is not', () => {
    const fill = template('{{#list}}[{{a}}{{^a}}-{{/a}}{{b}}]{{/list}}{{#one}}({{a}}){{/one}}{{^none}}!{{/none}}');
    expect(fill({ b: 'B', list: [{ a: '1' }, { a: '' }, { a: '2', b: undefined }], one: { a: 'x' } })).toBe(
      '[1B][-B][2](x)!',
    );
    expect(fill({ list: [], one: undefined, none: true })).toBe('');
    expect(template('{{#list}}{{#inner}}{{x}}{{/inner}}{{/list}}')({ list: [{ inner: [{ x: 1 }, { x: 2 }] }] })).toBe(
      '12',
    );
  });

  test('lets no value become markup or template, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const filled = template('<a href="{{v}}">{{v}}</a>{{#o}}{{v}}{{/o}}')({ v: text, o: { v: `{{v}}${text}` } });
        expect(
          filled
            .replace(/^<a href="/, '')
            .replace(/">/, '')
            .replace('</a>', ''),
        ).not.toMatch(/[<>"']/);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['{{#a}}', 'does not close a'],
    ['{{#a}}{{/b}}', 'closes b where a is open'],
    ['{{/a}}', 'closes a where nothing is open'],
  ])('refuses %s', (source, why) => {
    expect(() => template(source)).toThrow(why);
  });
});
