/*
 * Every kind of file that Zoom is known to make, by name. Zoom's own documents disagree about these lists, so they are
 * no gate: what is not in them is archived under the name that Zoom gives it.
 */

/** What an archived object is to whoever keeps it: rules for keeping and deleting go by it. */
export type ObjectClass = 'media' | 'transcript' | 'text' | 'summary' | 'image' | 'other';

type FileType = {
  /** Where Zoom tells no extension. */
  readonly extension: string;
  /** Where Zoom tells no recording type. */
  readonly view: string;
  readonly class: ObjectClass;
};

const fileTypes = new Map<string, FileType>([
  ['MP4', { extension: 'mp4', view: 'video', class: 'media' }],
  ['M4A', { extension: 'm4a', view: 'audio', class: 'media' }],
  ['TRANSCRIPT', { extension: 'vtt', view: 'audio_transcript', class: 'transcript' }],
  ['CC', { extension: 'vtt', view: 'closed_caption', class: 'transcript' }],
  ['CHAT', { extension: 'txt', view: 'chat_file', class: 'text' }],
  ['CHAT_MESSAGE', { extension: 'txt', view: 'chat_message', class: 'text' }],
  ['CSV', { extension: 'csv', view: 'poll', class: 'text' }],
  ['TIMELINE', { extension: 'json', view: 'timeline', class: 'text' }],
  ['SUMMARY', { extension: 'json', view: 'summary', class: 'summary' }],
  ['TB', { extension: 'jpg', view: 'thumbnail', class: 'image' }],
]);

export const fileTypeOf = (fileType: string): FileType | undefined => fileTypes.get(fileType.toUpperCase());
export const classOf = (fileType: string): ObjectClass => fileTypeOf(fileType)?.class ?? 'other';

/** Zoom spells some values in two ways, and has renamed others. */
const sameView = new Map([
  ['production_sutdio', 'production_studio'],
  ['speaker_view', 'active_speaker'],
]);

/** A safe name of a recording type: the same for both spellings of one. */
export const viewOf = (name: string): string => sameView.get(name) ?? name;
