import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { readConfig } from '../../../core/step/config.ts';
import {
  complaintAboutPatterns,
  glob,
  wantedConfig,
  whyFileUnwanted,
  whyUnwanted,
} from '../../../core/zoom/filters.ts';

const rules = (set: { files?: string; hosts?: string; topics?: string }) =>
  readConfig(z.object(wantedConfig), {
    ...{ WANTED_FILES: set.files ?? '', WANTED_HOSTS: set.hosts ?? '', WANTED_TOPICS: set.topics ?? '' },
  });
const ofTopic = (topics: string, topic?: string) => whyUnwanted({ topic, host: 'ada@example.org' }, rules({ topics }));
const ofHost = (hosts: string, host?: string) => whyUnwanted({ topic: 'Reading room', host }, rules({ hosts }));
const ofFile = (files: string, fileType: string, recordingType?: string, view = recordingType ?? 'unknown') =>
  whyFileUnwanted({ fileType, recordingType, view }, rules({ files }).wantedFiles);

describe('a pattern', () => {
  test.each([
    ['Lecture', 'lecture', true],
    ['Lecture', 'Lecture 2', false],
    ['lecture*', 'Lecture 2', true],
    ['*2', 'Lecture 2', true],
    ['*ctur*', 'Lecture 2', true],
    ['l*e*2', 'Lecture 2', true],
    ['*', '', true],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*c', 'acb', false],
    ['**', 'x', true],
    ['.*', 'anything', false],
    ['(test', '(TEST', true],
    ['übung*', 'U\u0308BUNG 1', true],
    ['量子*', '量子力学', true],
  ])('%j on %j: %p', (pattern, text, fits) => {
    expect(glob(pattern)(text)).toBe(fits);
  });

  test('fits what a regular expression of its pieces fits', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (pattern, given) => {
        const expression = pattern.split('*').map((piece) => piece.replace(/\./g, '\\.')).join('.*'); // prettier-ignore
        expect(glob(pattern)(given)).toBe(new RegExp(`^${expression}$`).test(given));
      }),
      { numRuns: 2_000 },
    );
  });

  test('that would keep a regular expression busy for years is answered at once', () => {
    expect(glob(`${'*a'.repeat(400)}b`)('a'.repeat(8_000))).toBe(false);
  });
});

describe('a list of patterns', () => {
  test.each(['', ' ', 'a', 'a,b', '!a', ' a , ! b ', 'Übung*, *(CC)', '*@example.org'])('%j is one', (text) => {
    expect(complaintAboutPatterns(text)).toBeUndefined();
  });

  test.each([
    ['a,,b', /between two commas/],
    ['a,', /between two commas/],
    ['!', /behind a !/],
    ['!!a', /one ! is enough/],
    ['a\nb', /control characters/],
    ['x'.repeat(801), /longer than 800/],
  ])('%j is refused', (text, complaint) => {
    expect(complaintAboutPatterns(text)).toMatch(complaint);
    expect(() => rules({ topics: text })).toThrow(/^BAD_CONFIG: WANTED_TOPICS: /);
  });
});

describe('a recording is skipped', () => {
  test.each([
    ['', 'Anything', undefined],
    ['', undefined, undefined],
    ['Lecture*', 'Lecture 2', undefined],
    ['Lecture*', 'Office hour', 'its topic fits no pattern that wantedTopics includes'],
    ['Lecture*', undefined, 'its empty topic fits no pattern that wantedTopics includes'],
    ['!Test*', 'test run', 'its topic fits "!Test*" of wantedTopics'],
    ['!Test*', undefined, undefined],
    ['Lecture*, !*(draft)', 'Lecture 2 (Draft)', 'its topic fits "!*(draft)" of wantedTopics'],
    ['!*(draft), Lecture*', 'Lecture 2 (Draft)', 'its topic fits "!*(draft)" of wantedTopics'],
  ])('with wantedTopics %j and the topic %j: %j', (patterns, topic, why) => {
    expect(ofTopic(patterns, topic)).toBe(why);
  });

  test.each([
    ['example.org', 'Ada@Example.org', undefined],
    ['example.org', 'ada@sub.example.org', 'its host fits no pattern that wantedHosts includes'],
    ['*.example.org', 'ada@sub.example.org', undefined],
    ['example.org', 'ada@notexample.org', 'its host fits no pattern that wantedHosts includes'],
    ['ada@example.org, bo@example.org', 'bo@example.org', undefined],
    ['!example.org', 'ada@example.org', 'its host fits "!example.org" of wantedHosts'],
    ['!*@example.org', 'ada@example.org', 'its host fits "!*@example.org" of wantedHosts'],
    ['example.org', undefined, 'its host, whose address Zoom does not tell, fits no pattern that wantedHosts includes'],
    ['!example.org', undefined, undefined],
    ['*, !example.org', undefined, undefined],
  ])('with wantedHosts %j and the host %j: %j', (patterns, host, why) => {
    expect(ofHost(patterns, host)).toBe(why);
  });

  test('for its host by a reason that names no person', () => {
    for (const pattern of ['!ada@example.org', '! Ada@*', '!*da@example.org'])
      expect(ofHost(`other.org, ${pattern}`, 'ada@example.org')).toBe('its host fits pattern 2 of wantedHosts');
  });
});

describe('a file is left out', () => {
  test.each([
    ['', 'TIMELINE', 'timeline', undefined],
    ['MP4, M4A', 'MP4', 'gallery_view', undefined],
    ['MP4, M4A', 'CHAT', 'chat_file', 'chat_file (CHAT) fits no pattern that wantedFiles includes'],
    ['MP4, !gallery_view', 'MP4', 'gallery_view', 'gallery_view (MP4) fits "!gallery_view" of wantedFiles'],
    ['mp4', 'MP4', 'active_speaker', undefined],
    ['!summary*', 'SUMMARY', 'summary_next_steps', 'summary_next_steps (SUMMARY) fits "!summary*" of wantedFiles'],
    ['!timeline', 'TIMELINE', undefined, 'unknown (TIMELINE) fits "!timeline" of wantedFiles'],
    ['!*(CC)', 'MP4', 'shared_screen(CC)', 'shared_screen(CC) (MP4) fits "!*(CC)" of wantedFiles'],
    ['!MP4', '', undefined, undefined],
    ['MP4', '', undefined, 'unknown (no type) fits no pattern that wantedFiles includes'],
  ])('with wantedFiles %j: %s %s: %j', (patterns, fileType, recordingType, why) => {
    expect(ofFile(patterns, fileType, recordingType)).toBe(why);
  });

  test('of a participant by the name of its view', () => {
    expect(ofFile('!participant_audio', 'M4A', undefined, 'participant_audio')).toMatch(/of wantedFiles$/);
  });
});
