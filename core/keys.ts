import { createHash } from 'node:crypto';

/** THE names of stored things: S3 keys, job ids, execution names. Pure functions of what a recording is. */

export const digest = (...parts: string[]): string =>
  createHash('sha256')
    .update(parts.map((part) => `${part.length}:${part}`).join(''))
    .digest('hex');

/** Safe in URLs, S3 keys and execution names, whatever a Zoom uuid holds (`/`, `+`, `=`). */
export const jobIdOf = (accountId: string, meetingUuid: string): string =>
  `zoom-${digest(accountId, meetingUuid).slice(0, 24)}`;

/** A job that a person started in the Step Functions console is named after its execution. */
export const jobIdOfExecution = (executionArn: string): string => `hand-${digest(executionArn).slice(0, 24)}`;

/** Derived from job and attempt, so that a repeated webhook starts nothing new. */
export const executionNameOf = (jobId: string, attempt: number): string => `${jobId}-${attempt}`;

/** What ECS knows an execution's tasks by: `startedBy` takes 128 letters, digits, dashes and slashes. */
export const startedByOf = (jobId: string, executionArn: string, redriveCount: number): string =>
  `${jobId}/${digest(executionArn).slice(0, 12)}/${redriveCount}`;

/** ECS starts one task for one token, however often it is asked. It takes 64 characters. */
export const clientTokenOf = (startedBy: string, round: number): string =>
  digest(startedBy, String(round)).slice(0, 64);

/** One path segment from text that anybody may have written: no separators, no dots alone, no control characters. */
export const safeSegment = (text: string): string => {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
  return clean || 'unnamed';
};

/** A plan is named by what it holds too, so that none is ever written over another while workers read it by index. */
export const planKeyOf = (jobId: string, revision: number, fileIds: readonly string[]): string =>
  `jobs/${jobId}/plan-${revision}-${digest(...fileIds).slice(0, 12)}.json`;

/** What the words of a recording become, in its folder. */
export const transcriptKeysOf = (folder: string) => ({
  json: `${folder}transcript.json`,
  vtt: `${folder}captions.vtt`,
  srt: `${folder}captions.srt`,
  text: `${folder}transcript.txt`,
  html: `${folder}transcript.html`,
});

export const insightsKeyOf = (folder: string): string => `${folder}insights.json`;

/** Top folders of the bucket that hold no recordings; what lies there is deleted in time. */
export const reservedFolders: readonly string[] = ['jobs'];

/** What the pieces of a recording are merged into, in its folder. */
export const mergedKeysOf = (folder: string) => ({
  mixed: `${folder}mixed.m4a`,
  /** One file holds eight speakers. */
  speakers: (group: number): string => `${folder}speakers${group === 0 ? '' : `-${group + 1}`}.flac`,
  speakerList: `${folder}speakers.json`,
  joined: (view: string, extension: string): string => `${folder}joined-${safeSegment(view)}.${extension}`,
});

/** What notes and errors call an object by: its folder may be named after a person. */
export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Whether a name in the folder of a recording is one of those above: no file from Zoom may have it. */
export const isDerivedName = (name: string): boolean =>
  [...Object.values(transcriptKeysOf('')), insightsKeyOf('')].includes(name) ||
  /^(mixed|speakers(-\d+)?|joined-[^/]*)\.[a-z0-9]+$/.test(name);
