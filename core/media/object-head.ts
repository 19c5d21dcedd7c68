import type { ObjectClass } from '../zoom/file-types.ts';
import { classOf } from '../zoom/file-types.ts';
import { contentTypeOf } from './content.ts';
import type { ObjectHead } from './copy.ts';
import type { PlannedFile } from './plan.ts';

/*
 * What each archived object carries with it, so that it can be understood, found and governed without our table:
 * metadata for whoever opens it, tags for whoever writes a lifecycle rule or an access policy.
 */

export type ObjectLabels = Pick<ObjectHead, 'metadata' | 'tags'>;

/** The recording that an object belongs to. */
export type RecordingId = {
  readonly jobId: string;
  readonly meetingUuid?: string | undefined;
  readonly meetingId?: string | undefined;
};

/** S3 takes 2 KB of metadata in all; no id of Zoom's comes near. */
const mostMetadata = 200;
/** S3 takes 256 characters. */
const mostTag = 256;

/** Metadata travels in headers, which are ASCII; Zoom's ids are not promised to be it. */
const asMetadata = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = encodeURIComponent(Buffer.from(value ?? '', 'utf8').toString('utf8'));
      // An escape that is cut through could not be read back.
      return text === '' ? [] : [[name, text.slice(0, mostMetadata).replace(/%[0-9A-F]?$/, '')]];
    }),
  );

/** Letters, digits, spaces and + - = . _ : / @ of any script: what S3 takes in a tag. */
const asTags = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = (value ?? '').slice(0, mostTag).replace(/[^\p{L}\p{N} +\-=._:/@]/gu, '_');
      return text === '' ? [] : [[`rapporteur:${name}`, text]];
    }),
  );

/** Of what is made here: transcript, captions, summary, what tracks and segments are merged into. */
export const madeLabels = (recording: RecordingId, objectClass: ObjectClass): Required<ObjectLabels> => {
  const { jobId, meetingUuid, meetingId } = recording;
  const shared = { class: objectClass, 'meeting-id': meetingId, 'meeting-uuid': meetingUuid };
  return { metadata: asMetadata({ 'job-id': jobId, ...shared }), tags: asTags(shared) };
};

/** Of a file as Zoom made it. */
export const objectHeadOf = (jobId: string, file: PlannedFile): ObjectHead => {
  const { fileId, fileType, recordingType, recordingStart, meetingUuid, meetingId } = file;
  const shared = {
    ...{ class: classOf(fileType), type: fileType, 'file-id': fileId },
    ...{ 'meeting-id': meetingId, 'meeting-uuid': meetingUuid },
  };
  const { type: _type, ...named } = shared;
  const more = { 'file-type': fileType, 'recording-type': recordingType, 'recording-start': recordingStart };
  return {
    contentType: contentTypeOf(file.extension),
    metadata: asMetadata({ 'job-id': jobId, ...named, ...more }),
    tags: asTags(shared),
  };
};
