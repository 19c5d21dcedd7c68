import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { madeLabels, objectHeadOf } from '../../../core/media/object-head.ts';
import type { PlannedFile } from '../../../core/media/plan.ts';
import { parseTagHeader } from '../../../local/s3/tagging.ts';

const file: PlannedFile = {
  ...{ index: 0, fileId: '5a000001', meetingUuid: 'aDYl/hsHRtCd4ii1uC2+hA==', meetingId: '85746065432' },
  ...{ fileType: 'MP4', recordingType: 'shared_screen_with_speaker_view(CC)', extension: 'mp4', key: 'k' },
  recordingStart: '2026-01-12T15:00:14Z',
};

describe('an archived object', () => {
  test('says by itself what it is and whose', () => {
    expect(objectHeadOf('zoom-1', file)).toEqual({
      contentType: 'video/mp4',
      metadata: {
        'job-id': 'zoom-1',
        class: 'media',
        'meeting-id': '85746065432',
        'meeting-uuid': 'aDYl%2FhsHRtCd4ii1uC2%2BhA%3D%3D',
        'file-id': '5a000001',
        'file-type': 'MP4',
        'recording-type': 'shared_screen_with_speaker_view(CC)',
        'recording-start': '2026-01-12T15%3A00%3A14Z',
      },
      tags: {
        'rapporteur:class': 'media',
        'rapporteur:type': 'MP4',
        'rapporteur:meeting-id': '85746065432',
        'rapporteur:meeting-uuid': 'aDYl/hsHRtCd4ii1uC2+hA==',
        'rapporteur:file-id': '5a000001',
      },
    });
  });

  test('that is made here says the same, as far as it has it', () => {
    expect(madeLabels({ jobId: 'zoom-1', meetingUuid: file.meetingUuid }, 'summary')).toEqual({
      metadata: { 'job-id': 'zoom-1', class: 'summary', 'meeting-uuid': 'aDYl%2FhsHRtCd4ii1uC2%2BhA%3D%3D' },
      tags: { 'rapporteur:class': 'summary', 'rapporteur:meeting-uuid': 'aDYl/hsHRtCd4ii1uC2+hA==' },
    });
  });

  test.each([
    ['MP4', 'media'],
    ['m4a', 'media'],
    ['TRANSCRIPT', 'transcript'],
    ['CC', 'transcript'],
    ['CHAT', 'text'],
    ['CSV', 'text'],
    ['TIMELINE', 'text'],
    ['SUMMARY', 'summary'],
    ['TB', 'image'],
    ['WHITEBOARD', 'other'],
    ['', 'other'],
  ])('of type %j has the class %s', (fileType, objectClass) => {
    expect(objectHeadOf('zoom-1', { ...file, fileType }).tags?.['rapporteur:class']).toBe(objectClass);
  });

  test('carries what S3 takes, whatever Zoom sends', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('"', 'a=b&c', '\ud83d', '会'.repeat(300))); // prettier-ignore
    const odd = fc.record({ fileId: text, meetingUuid: text, meetingId: text, fileType: text, recordingType: text, recordingStart: text }); // prettier-ignore
    fc.assert(
      fc.property(odd, (about) => {
        const { metadata = {}, tags = {} } = objectHeadOf('zoom-1', { ...file, ...about });
        const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
        expect(bytes).toBeLessThanOrEqual(2_048);
        for (const value of Object.values(metadata)) {
          expect(value).toMatch(/^[\x21-\x7e]+$/);
          expect(value).not.toMatch(/%(?![0-9A-F]{2})/);
        }
        expect(Object.keys(tags).length).toBeLessThanOrEqual(10);
        expect(parseTagHeader(new URLSearchParams(tags).toString())).toEqual(tags);
      }),
      { numRuns: 500 },
    );
  });
});
