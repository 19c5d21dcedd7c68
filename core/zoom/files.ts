import { createHash } from 'node:crypto';
import { safeSegment } from '../keys.ts';
import { fileTypeOf, viewOf } from './file-types.ts';
import { recordingFile, type RecordingFile } from './recording.ts';

/** One file of a recording, whichever way Zoom told of it. */
export type ZoomFile = {
  /** The same for the same file, whatever the order, tokens and addresses of the message that names it. */
  readonly fileId: string;
  readonly zoomId?: string;
  readonly fileType: string;
  readonly recordingType?: string;
  /** Safe in names: the recording type, or what takes its place. Files of one segment may share a view. */
  readonly view: string;
  /** Lower case, without a dot. */
  readonly extension: string;
  readonly recordingStart: string;
  readonly recordingEnd?: string;
  readonly fileName?: string;
  readonly bytes?: number;
  /** `on-premise`: lies on the customer's own server, there is nothing to download. */
  readonly status: 'ready' | 'processing' | 'on-premise';
  readonly downloadUrl?: string;
};

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** An identity is part of a key in the table, which holds 1,024 bytes, and the name of a property in maps of addresses. */
const bounded = (identity: string): string =>
  identity.length <= 200 && identity !== '__proto__' ? identity : `long-${short(identity)}`;

/** Two messages may write one moment differently. */
const moment = (value: string | undefined): string | undefined => {
  if (!value || Number.isNaN(Date.parse(value))) return undefined;
  return new Date(value).toISOString().replace('.000Z', 'Z');
};

/** The file's own key in its address; it outlives tokens, hosts and events. */
const ownKeyOf = (file: RecordingFile): string => {
  const inUrl = /\/rec\/(?:webhook_)?download\/([^/?#]+)/.exec(file.download_url ?? '')?.[1];
  return inUrl ?? file.file_path ?? file.file_name ?? '';
};

const extensionOf = (file: RecordingFile, fileType: string): string => {
  const told = /^\.?([a-z0-9]{1,8})$/i.exec(file.file_extension ?? '')?.[1];
  const named = /\.([a-z0-9]{1,5})$/i.exec(file.file_name ?? '')?.[1];
  return (told ?? fileTypeOf(fileType)?.extension ?? named ?? 'bin').toLowerCase();
};

const statusOf = (file: RecordingFile): ZoomFile['status'] => {
  if (file.status?.toLowerCase() === 'processing') return 'processing';
  if (file.download_url) return 'ready';
  return file.file_path ? 'on-premise' : 'processing';
};

type Candidate = { file: Omit<ZoomFile, 'fileId'>; base: string; nature: string };

const candidateOf = (file: RecordingFile, isParticipant: boolean, fallbackStart: string): Candidate => {
  const fileType = (file.file_type ?? '').toUpperCase();
  const recordingStart = moment(file.recording_start) ?? fallbackStart;
  const recordingEnd = moment(file.recording_end);
  const recordingType = file.recording_type?.toLowerCase();
  const view = isParticipant
    ? 'participant_audio'
    : safeSegment(recordingType || fileTypeOf(fileType)?.view || fileType || 'unknown');
  const shape = `${isParticipant ? 'participant-' : ''}${fileType || 'UNKNOWN'}`;
  return {
    base: file.id || `${shape}@${recordingStart}`,
    nature: file.id ? `${shape} ${recordingStart} ${recordingType ?? ''}` : ownKeyOf(file),
    file: {
      ...(file.id && { zoomId: file.id }),
      fileType,
      ...(recordingType && { recordingType }),
      view: viewOf(view),
      extension: extensionOf(file, fileType),
      recordingStart,
      ...(recordingEnd && { recordingEnd }),
      ...(file.file_name && { fileName: file.file_name }),
      ...(file.file_size !== undefined && { bytes: file.file_size }),
      status: statusOf(file),
      ...(file.download_url && { downloadUrl: file.download_url }),
    },
  };
};

/** The part of a webhook's object, or of a REST answer, that names files. */
export type FileLists = {
  readonly recording_files?: readonly unknown[] | null | undefined;
  readonly participant_audio_files?: readonly unknown[] | null | undefined;
  readonly start_time?: string | undefined;
};

/** What is no object at all names no file. */
const readFiles = (list: FileLists['recording_files']): RecordingFile[] =>
  (list ?? []).flatMap((entry) => recordingFile.safeParse(entry).data ?? []);

/**
 * All files of a recording, once each. A file is known by Zoom's id, or, where Zoom gives none, by its type and start;
 * only where two in one list would then be the same is the difference between them made part of their identity.
 */
export const normaliseFiles = (lists: FileLists): ZoomFile[] => {
  const fallbackStart = moment(lists.start_time) ?? '1970-01-01T00:00:00Z';
  const candidates = [
    ...readFiles(lists.recording_files).map((file) => candidateOf(file, false, fallbackStart)),
    ...readFiles(lists.participant_audio_files).map((file) => candidateOf(file, true, fallbackStart)),
  ];
  const natures = new Map<string, Set<string>>();
  for (const { base, nature } of candidates) natures.set(base, (natures.get(base) ?? new Set()).add(nature));

  const files = new Map<string, ZoomFile>();
  for (const { base, nature, file } of candidates) {
    const fileId = natures.get(base)?.size === 1 ? bounded(base) : `${bounded(base)}-${short(nature)}`;
    const earlier = files.get(fileId);
    // Of two tellings of one file the one that can be downloaded counts.
    if (!earlier || (earlier.status !== 'ready' && file.status === 'ready')) files.set(fileId, { fileId, ...file });
  }
  return [...files.values()];
};
