import { createHash } from 'node:crypto';
import type { Drawer } from './drawer.ts';
import { contentOf } from './media.ts';
import type { ContentSpec } from './media.ts';

/** One file of a recording. Plain data; the bytes are made from `content` when they are asked for. */
export type SimulatedFile = {
  /** The file's id at Zoom; for `poor` files, which have none on the wire, a name for use in tests. */
  readonly id: string;
  readonly fileType: string;
  readonly extension: string;
  readonly recordingType: string;
  readonly start: string;
  readonly end: string;
  readonly content: ContentSpec;
  /** What Zoom states as `file_size` where it differs from the bytes it delivers. */
  readonly declaredSize?: number;
  /** Shown without id, status, file_size, recording_type and play_url, as CC and TIMELINE are documented. */
  readonly poor?: boolean;
  /** Not listed until an event announces it, as a transcript. */
  readonly later?: boolean;
  /** A separate audio file of this participant; listed in `participant_audio_files`. */
  readonly participant?: string;
  readonly status?: 'completed' | 'processing';
  /** An on-premise file: a path and no download URL. */
  readonly filePath?: string;
  /** Served by the download host itself instead of a redirect to storage. */
  readonly direct?: boolean;
};

export type Participant = {
  /** Empty for a guest from outside the account. */
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly joinTime: string;
  readonly leaveTime: string;
};

/** One occurrence of a meeting with its recording. */
export type SimulatedMeeting = {
  readonly uuid: string;
  readonly id: number;
  readonly accountId: string;
  readonly hostId: string;
  readonly hostEmail: string;
  readonly hostName: string;
  /** Addresses, or ids, of those who may start it in the host's place. */
  readonly alternativeHosts?: readonly string[];
  readonly topic: string;
  readonly type: number;
  readonly startTime: string;
  readonly endTime: string;
  readonly timezone: string;
  /** Minutes. */
  readonly duration: number;
  readonly password: string;
  readonly playPasscode: string;
  readonly shareUrl: string;
  /** Still going on: past_meetings answers 404. */
  readonly running?: boolean;
  readonly participants: readonly Participant[];
  /** A transcript by the AI Companion, which stands in no listing. */
  readonly companion?: SimulatedFile;
  readonly files: readonly SimulatedFile[];
};

export type Located = { readonly meeting: SimulatedMeeting; readonly file: SimulatedFile };

/** The file's own part of its URLs: the same in every event and listing. */
export const fileKeyOf = (meeting: SimulatedMeeting, file: SimulatedFile): string => {
  const digest = createHash('sha256').update(`${meeting.uuid}\n${file.id}`).digest('base64url');
  return `${digest.slice(0, 24)}.${digest.slice(24, 40)}`;
};

export const sizeOf = (file: SimulatedFile): number => file.declaredSize ?? contentOf(file.content).length;

/** A meeting as it is kept: with the keys of the files that were announced or deleted since it was added. */
export type KeptMeeting = {
  readonly meeting: SimulatedMeeting;
  readonly announced: readonly string[];
  readonly removed: readonly string[];
  /** Keys of the files in the trash, and since when (milliseconds since the epoch). */
  readonly trashed?: Readonly<Record<string, number>>;
};

/** From the trash a file can be had back for so long, then it is gone. */
const TRASH_MS = 30 * 86_400_000;

/** What the account holds: meetings, which of their files are visible, in the trash or gone. */
export const createLibrary = (drawer: Drawer<KeptMeeting>, now: () => number = Date.now) => {
  const meetings = new Map<string, SimulatedMeeting>();
  const byKey = new Map<string, Located>();
  const announced = new Set(drawer.found.flatMap((kept) => kept.announced));
  const removed = new Set(drawer.found.flatMap((kept) => kept.removed));
  const trashed = new Map(drawer.found.flatMap((kept) => Object.entries(kept.trashed ?? {})));
  const put = (meeting: SimulatedMeeting): void => {
    meetings.set(meeting.uuid, meeting);
    const { files, companion } = meeting;
    for (const file of companion ? [...files, companion] : files)
      byKey.set(fileKeyOf(meeting, file), { meeting, file });
  };
  const keep = (meeting: SimulatedMeeting): void => {
    const keys = meeting.files.map((file) => fileKeyOf(meeting, file));
    drawer.put(Buffer.from(meeting.uuid).toString('hex'), {
      meeting,
      announced: keys.filter((key) => announced.has(key)),
      removed: keys.filter((key) => removed.has(key)),
      trashed: Object.fromEntries([...trashed].filter(([key]) => keys.includes(key))),
    });
  };
  /** Where a file is: in the trash for 30 days, and then as if deleted. */
  const standOf = (meeting: SimulatedMeeting, file: SimulatedFile): 'there' | 'trashed' | 'gone' => {
    const key = fileKeyOf(meeting, file);
    const since = trashed.get(key);
    if (removed.has(key) || (since !== undefined && since + TRASH_MS <= now())) return 'gone';
    return since === undefined ? 'there' : 'trashed';
  };
  for (const { meeting } of drawer.found) put(meeting);

  const find = (uuid: string): SimulatedMeeting => {
    const meeting = meetings.get(uuid);
    if (meeting === undefined) throw new Error(`The Zoom simulator has no meeting ${uuid}: add it first.`);
    return meeting;
  };
  return {
    add: (meeting: SimulatedMeeting): void => {
      put(meeting);
      keep(meeting);
    },
    all: (): SimulatedMeeting[] => [...meetings.values()],
    get: (uuid: string): SimulatedMeeting | undefined => meetings.get(uuid),
    find,
    /** A meeting number names its latest occurrence. */
    latest: (id: string): SimulatedMeeting | undefined =>
      [...meetings.values()]
        .filter((meeting) => String(meeting.id) === id)
        .sort((a, b) => b.startTime.localeCompare(a.startTime))[0],
    byKey: (fileKey: string): Located | undefined => byKey.get(fileKey),
    announce: (meeting: SimulatedMeeting, files: readonly SimulatedFile[]): void => {
      for (const file of files) announced.add(fileKeyOf(meeting, file));
      keep(meeting);
    },
    /** Deletes files, or all of a meeting's, at Zoom. */
    remove: (uuid: string, fileIds?: readonly string[]): void => {
      const meeting = find(uuid);
      for (const file of meeting.files) {
        if (fileIds === undefined || fileIds.includes(file.id)) removed.add(fileKeyOf(meeting, file));
      }
      keep(meeting);
    },
    trash: (meeting: SimulatedMeeting, files: readonly SimulatedFile[]): void => {
      for (const file of files) trashed.set(fileKeyOf(meeting, file), now());
      keep(meeting);
    },
    recover: (meeting: SimulatedMeeting, files: readonly SimulatedFile[]): void => {
      for (const file of files) trashed.delete(fileKeyOf(meeting, file));
      keep(meeting);
    },
    /** In the trash or deleted: its bytes cannot be had. */
    isRemoved: (meeting: SimulatedMeeting, file: SimulatedFile): boolean => standOf(meeting, file) !== 'there',
    /** The files that a listing shows now. */
    listed: (meeting: SimulatedMeeting): SimulatedFile[] =>
      meeting.files.filter(
        (file) =>
          standOf(meeting, file) === 'there' && (file.later !== true || announced.has(fileKeyOf(meeting, file))),
      ),
    /** The files that lie in the trash, and since when. */
    trashed: (meeting: SimulatedMeeting): { file: SimulatedFile; since: number }[] =>
      meeting.files
        .filter((file) => standOf(meeting, file) === 'trashed')
        .map((file) => ({ file, since: trashed.get(fileKeyOf(meeting, file)) ?? 0 })),
  };
};

export type Library = ReturnType<typeof createLibrary>;
