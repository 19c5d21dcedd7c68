import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { archiveNamesConfig, complaintAboutNames, readTemplate, usesFileId, usesHost, zipNames } from '../../../core/archive-name/template.ts'; // prettier-ignore
import { readConfig } from '../../../core/step/config.ts';

const end = '{segment}-{view}.{ext}';

describe('a template of names', () => {
  test.each([
    zipNames,
    `{account}/{host}/{topic}/{start:yyyy-MM-dd_HHmm}/${end}`,
    '{topic}/{uuid}/{fileId}.{ext}',
    `Vorlesungen/{start:yyyy}/{start:MM}/{topic}-{start:dd}/{topic}-${end}`,
    `講義/{topic}-{start:yyyyMMdd.HHmmss}/${end}`,
    `zoom/{meetingId}/{start:yyyy-MM-ddTHH.mm}/{fileId}_${end}`,
  ])('%s is one', (text) => {
    expect(complaintAboutNames(text)).toBeUndefined();
  });

  test.each([
    ['', /must end in \.\{ext\}/],
    [`{title}/{uuid}/${end}`, /there is no \{title\} here; there are \{account\} .*\{start:yyyy-MM-dd\} .*\{ext\}$/],
    [`{Topic}/{uuid}/${end}`, /there is no \{Topic\}/],
    [`{}/{uuid}/${end}`, /there is no \{\}/],
    [`{uuid}/{topic/${end}`, /a brace in "\{topic" belongs to no placeholder/],
    [`{uuid}}/${end}`, /a brace in "\}"/],
    [`{{uuid}}/${end}`, /a brace in "\{"/],
    [`{meetingId}/{start}/${end}`, /\{start\} must be \{start:…\} with epoch, or yyyy/],
    [`{meetingId}/{start:YYYY}/${end}`, /\{start:YYYY\} must be/],
    [`{meetingId}/{start:-}/${end}`, /\{start:-\} must be/],
    [`{meetingId}/{start:yyyy/MM}/${end}`, /belongs to no placeholder/],
    [`{meetingId}/{start:epochs}/${end}`, /\{start:epochs\} must be/],
    [`{meetingId}/{start:epoch}-{topic:long}/${end}`, /\{topic:long\} must be \{topic\}/],
    [`{topic}/{meetingId}/${end}`, /folders must tell recordings apart/],
    [`{start:yyyy-MM-dd}/${end}`, /folders must tell recordings apart/],
    [end, /must have a folder/],
    [`/{uuid}/${end}`, /a folder has no name/],
    [`{uuid}//${end}`, /a folder has no name/],
    [`../{uuid}/${end}`, /"\.\." begins with \./],
    [`.hidden/{uuid}/${end}`, /"\.hidden" begins with \./],
    [`-x/{uuid}/${end}`, /"-x" begins with \. or -/],
    [`{uuid}./${end}`, /ends with \./],
    [`a..b/{uuid}/${end}`, /holds \.\./],
    [`jobs/{uuid}/${end}`, /the folder jobs holds what Rapporteur itself keeps/],
    [`{uuid}/{view}/${end}`, /\{view\} belongs behind the last \//],
    [`{uuid}/{segment}/${end}`, /\{segment\} belongs behind the last \//],
    ['{uuid}/{view}.{ext}', /file's name must tell files apart/],
    ['{uuid}/{segment}.{ext}', /file's name must tell files apart/],
    ['{uuid}/{segment}-{view}', /must end in \.\{ext\}/],
    ['{uuid}/{segment}-{view}.{ext}.bak', /must end in \.\{ext\}/],
    ['{uuid}/{ext}/{segment}-{view}.{ext}', /there is no \{ext\} here/],
    [`my recordings/{uuid}/${end}`, /"my recordings" holds more than letters/],
    [`a\\b/{uuid}/${end}`, /holds more than letters/],
    [`a\0/{uuid}/${end}`, /holds more than letters/],
    [`\u202e/{uuid}/${end}`, /holds more than letters/],
    [`Cafe\u0301/{uuid}/${end}`, /holds more than letters/],
    [`a/b/c/d/e/f/{uuid}/${end}`, /more than 6 folders/],
    [`${'a'.repeat(300)}/{uuid}/${end}`, /longer than 300 bytes/],
  ])('%j is refused, with what is wrong', (text, complaint) => {
    expect(complaintAboutNames(text)).toMatch(complaint);
  });

  test('is told everything that is wrong with it at once', () => {
    const complaint = complaintAboutNames('{where}/{start:Y}/{view}.mp4') ?? '';
    for (const part of ['{ext}', '{where}', '{start:Y}', 'recordings apart', 'files apart'])
      expect(complaint).toContain(part);
  });

  test('tells whether it needs the host, and whether it names files by their ids', () => {
    const read = (text: string) => {
      const found = readTemplate(text);
      if ('complaint' in found) throw new Error(found.complaint);
      return [usesHost(found.template), usesFileId(found.template)];
    };
    expect(read(zipNames)).toEqual([false, false]);
    expect(read(`{host}/{uuid}/${end}`)).toEqual([true, false]);
    expect(read('{uuid}/{host}-{fileId}.{ext}')).toEqual([true, true]);
  });

  test('that is wrong in the environment is named when the function starts', () => {
    const schema = z.object(archiveNamesConfig);
    expect(() => readConfig(schema, { ARCHIVE_NAMES: '{uuid}/{title}.{ext}' })).toThrow(
      /^BAD_CONFIG: ARCHIVE_NAMES: there is no \{title\} here/,
    );
    expect(() => readConfig(schema, {})).toThrow('ARCHIVE_NAMES is not set');
    expect(readConfig(schema, { ARCHIVE_NAMES: zipNames }).archiveNames.folders).toHaveLength(2);
  });
});
