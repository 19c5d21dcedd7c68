import { digest, isDerivedName, reservedFolders, safeSegment } from '../keys.ts';
import { cut, readable } from './readable.ts';
import { formatStart } from './start-format.ts';
import { usesFileId, type NameTemplate, type Part } from './template.ts';

/** What the names of a recording are made of. */
export type NamedMeeting = {
  readonly meetingId: string;
  readonly meetingUuid: string;
  readonly startTime: string;
  readonly timezone?: string | undefined;
  readonly accountId?: string | undefined;
  readonly topic?: string | undefined;
  /** The host's address; needed only where the template asks for it. */
  readonly host?: string | undefined;
};
export type NamedFile = {
  readonly fileId: string;
  readonly segment: number;
  readonly view: string;
  readonly extension: string;
};

/** S3 takes 1,024 bytes of UTF-8; a file system, to which people copy archives, 255 for each name in a path. */
const mostNameBytes = 255;
const mostFolderBytes = 1_024 - mostNameBytes;
/** What parts two that would be the same: a dash and the longest digest. */
const mostSaltBytes = 25;
const mostStemBytes = mostNameBytes - mostSaltBytes - '.'.length - 60;

/** Views of which Zoom sends several for one segment: their names always carry the file. */
const pluralViews = new Set(['audio_interpretation', 'audio_only_each_participant', 'participant_audio', 'thumbnail']);

/** Short, safe and the same in every release: 32 hexadecimal digits of the 16 bytes that a uuid is. */
const uuidText = (uuid: string): string => {
  const bytes = Buffer.from(uuid, 'base64');
  return bytes.length === 16 ? bytes.toString('hex') : digest(uuid).slice(0, 32);
};

/** Text of bounded length, or free text that gets what is left. */
const valueOf = (
  part: Part,
  meeting: NamedMeeting,
  file: NamedFile | undefined,
): { fixed: string } | { free: string | undefined } => {
  if ('text' in part) return { fixed: part.text };
  switch (part.field) {
    case 'meetingId':
      return { fixed: safeSegment(meeting.meetingId) };
    case 'uuid':
      return { fixed: uuidText(meeting.meetingUuid) };
    case 'start':
      return { fixed: formatStart(meeting.startTime, part.format, meeting.timezone) };
    case 'segment':
      return { fixed: String(file?.segment ?? 0).padStart(3, '0') };
    case 'view':
      return { fixed: safeSegment(file?.view ?? '') };
    case 'account':
      return { free: meeting.accountId };
    case 'topic':
      return { free: meeting.topic };
    case 'host':
      return { free: meeting.host?.toLowerCase() };
    case 'fileId':
      return { free: file?.fileId };
  }
};

/** One name of a path. What anybody may have written is shortened so that dates and numbers behind it stay whole. */
const renderSegment = (parts: readonly Part[], mostBytes: number, meeting: NamedMeeting, file?: NamedFile): string => {
  const values = parts.map((part) => valueOf(part, meeting, file));
  const taken = values.reduce((sum, value) => sum + ('fixed' in value ? Buffer.byteLength(value.fixed) : 0), 0);
  const frees = values.filter((value) => 'free' in value).length;
  const share = Math.max(8, Math.floor((mostBytes - taken) / Math.max(1, frees)));
  const whole = values.map((value) => ('fixed' in value ? value.fixed : readable(value.free, share))).join('');
  return cut(whole.replace(/^[.-]+/, ''), mostBytes) || 'unnamed';
};

/** The folder of a recording, ending in a slash. `salt` parts two recordings that would share one. */
const folderOf = ({ folders }: NameTemplate, meeting: NamedMeeting, salt: string): string => {
  const mostBytes = Math.min(mostNameBytes, Math.floor(mostFolderBytes / folders.length) - 1) - mostSaltBytes;
  const names = folders.map((parts) => renderSegment(parts, mostBytes, meeting));
  const [top = ''] = names;
  if (reservedFolders.includes(top)) names[0] = `${top}_`;
  return `${names.join('/')}${salt && `-${salt}`}/`;
};

/** The folders that a recording may have, best first: another recording may have claimed one of the same name. */
export const foldersFor = (template: NameTemplate, meeting: NamedMeeting): string[] => {
  const whole = digest(meeting.meetingUuid);
  return ['', whole.slice(0, 8), whole.slice(0, 24)].map((salt) => folderOf(template, meeting, salt));
};

const plainName = (template: NameTemplate, meeting: NamedMeeting, file: NamedFile, salt = ''): string =>
  `${renderSegment(template.stem, mostStemBytes, meeting, file)}${salt && `-${salt}`}.${safeSegment(file.extension)}`;

/**
 * Names the files of a recording, by their ids. Of files that would have the same name all carry a digest of their id,
 * whether they are known at once or one after the other; `taken` are names that were given before and stay.
 */
export const nameFiles = (
  template: NameTemplate,
  meeting: NamedMeeting,
  files: readonly NamedFile[],
  taken: ReadonlyMap<string, string>,
): Map<string, string> => {
  const plain = new Map(files.map((file) => [file.fileId, plainName(template, meeting, file)]));
  const counts = new Map<string, number>();
  // Small and capital letters are one to some of the file systems that archives are copied to.
  for (const name of plain.values()) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  const used = new Set([...taken.values()].map((name) => name.toLowerCase()));
  const isFree = (name: string): boolean => !used.has(name.toLowerCase());
  const names = new Map(taken);
  for (const file of files) {
    if (names.has(file.fileId)) continue;
    const own = plain.get(file.fileId) ?? '';
    const isShared = (counts.get(own.toLowerCase()) ?? 0) > 1 || (pluralViews.has(file.view) && !usesFileId(template));
    const whole = digest(file.fileId);
    const salted = [12, 24].map((length) => plainName(template, meeting, file, whole.slice(0, length)));
    const isOwn = !isShared && !isDerivedName(own.toLowerCase());
    const name = [...(isOwn ? [own] : []), ...salted].find(isFree);
    if (!name) throw new Error(`no name is left for the file ${file.fileId}`);
    used.add(name.toLowerCase());
    names.set(file.fileId, name);
  }
  return names;
};
