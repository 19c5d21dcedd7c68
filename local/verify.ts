import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { insights } from '../core/insight/insights.ts';
import type { Job, JobFile } from '../core/job/job.ts';
import { insightsKeyOf, mergedKeysOf, transcriptKeysOf } from '../core/keys.ts';
import type { SpeakerList } from '../core/media/merge/merge-audio.ts';
import { transcript } from '../core/transcript/transcript.ts';
import type { Look } from './clients.ts';
import type { Cloud } from './cloud.ts';
import { verifyPage } from './verify-page.ts';
import { sha256Of } from './zoom/content.ts';
import { contentOf } from './zoom/media.ts';
import type { SimulatedFile, SimulatedMeeting } from './zoom/meeting.ts';
import { RECORDED_SECONDS } from './zoom/sample-meeting.ts';
import { sampleCues } from './zoom/sample-transcript.ts';

export type Check = { readonly what: string; readonly isTrue: boolean; readonly found: string };

/** Holds what came out of the pipeline against what the simulated Zoom put in. */
export const verifyMeeting = async (
  cloud: Cloud,
  look: Look,
  meeting: SimulatedMeeting,
  job: Job,
): Promise<Check[]> => {
  const files = await look.files(job.jobId);
  const folder = job.folder ?? '';
  const checks: Check[] = [];
  const check = (what: string, isTrue: boolean, found: unknown): void => {
    checks.push({ what, isTrue, found: typeof found === 'string' ? found : JSON.stringify(found) });
  };

  check('The job is done', job.status === 'done', job.failure?.sentence ?? job.status);
  check(
    `All ${meeting.files.length} files are archived`,
    files.length === meeting.files.length && files.every((file) => file.status === 'archived'),
    `${files.filter((file) => file.status === 'archived').length} in ${folder}`,
  );
  const differing: string[] = [];
  for (const file of meeting.files) {
    const archived = archivedOf(files, file);
    const sum = archived && (await sumOf(look, archived.key));
    if (sum !== sha256Of(contentOf(file.content))) differing.push(`${file.fileType} ${file.recordingType ?? ''}`);
  }
  check(
    'Every file is the same, byte for byte',
    differing.length === 0,
    differing.length > 0 ? `different: ${differing.join(', ')}` : 'compared by SHA-256',
  );

  const people = meeting.files.filter(({ participant }) => participant !== undefined).length;
  if (people > 0) {
    const merged = mergedKeysOf(folder);
    const list = JSON.parse(await textOf(look, merged.speakerList)) as SpeakerList;
    const channels = list.files.flatMap((file) => file.channels);
    check(
      'Their tracks are merged into one sound, and into one with a channel each',
      channels.length === people && (await look.keys(merged.mixed)).length === 1,
      `${channels.length} channels, ${Math.round(list.durationSeconds)} s`,
    );
  }

  const keys = transcriptKeysOf(folder);
  const cues = sampleCues(RECORDED_SECONDS);
  const read = transcript.parse(JSON.parse(await textOf(look, keys.json)));
  const speakers = new Set(cues.map((cue) => cue.speaker)).size;
  const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
  const said = words(cues.map((cue) => cue.text).join(' '));
  check(
    'The transcript has every word',
    words(read.segments.map(({ text }) => text).join(' ')) === said,
    `${read.segments.length} segments`,
  );
  check(
    `The transcript names the ${speakers} speakers`,
    read.speakers.length === speakers,
    `${read.speakers.length} speakers`,
  );
  const vtt = await textOf(look, keys.vtt);
  check(
    'Captions are there as WebVTT and SRT',
    vtt.startsWith('WEBVTT') && (await textOf(look, keys.srt)).startsWith('1\n'),
    keys.vtt,
  );

  const toRead = await textOf(look, keys.html);
  check(
    'The transcript is there as a page to read, without scripts',
    toRead.split('<p ').length > speakers && toRead.includes("default-src 'none'") && !/<script/i.test(toRead),
    keys.html,
  );

  const found = insights.parse(JSON.parse(await textOf(look, insightsKeyOf(folder))));
  check(
    'Summary, action items, decisions, questions, chapters and talk time are found',
    found.summary.short !== '' &&
      found.actionItems.length > 0 &&
      found.decisions.length > 0 &&
      found.questions.length > 0 &&
      found.chapters.length > 1 &&
      found.talkTime.length > 1,
    `${found.actionItems.length} action items, ${found.decisions.length} decisions, ${found.questions.length} questions, ${found.chapters.length} chapters`,
  );

  const mails = (await cloud.mail.list()).filter((mail) => mail.subject.includes(meeting.topic));
  const [first] = mails;
  check(
    'One mail went to the host',
    mails.length === 1 && JSON.stringify(first?.to).includes(meeting.hostEmail),
    mails.length === 1 ? (first?.subject ?? '') : `${mails.length} mails`,
  );
  const opened = first && (await cloud.mail.read(first.id));
  const item = found.actionItems[0]?.text ?? 'no action item';
  check('The mail tells the action items', words(opened?.email.text ?? '').includes(words(item)), item);
  const page = `/r/${job.jobId}?k=`;
  check(
    'It does so in HTML and in text, with links to each moment',
    [opened?.email.html ?? '', opened?.email.text ?? ''].every((part) => part.split(page).length > found.topics.length),
    `HTML of ${Math.round(Buffer.byteLength(opened?.email.html ?? '') / 1_000)} kB, below the 90 that programs show`,
  );
  checks.push(...(await verifyPage(cloud, meeting, job, opened?.email.text)));
  check(
    'No download token reached the storage host',
    cloud.zoom.leaks().length === 0,
    `${cloud.zoom.requests.length} requests to Zoom`,
  );
  return checks;
};

const archivedOf = (files: readonly JobFile[], file: SimulatedFile): JobFile | undefined =>
  files.find((one) => one.zoomId === file.id) ??
  files.find((one) => one.zoomId === undefined && one.fileType === file.fileType && one.recordingStart === file.start);

const sumOf = async (look: Look, key: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of (await look.object(key)).Body as Readable) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const textOf = async (look: Look, key: string): Promise<string> =>
  (await (await look.object(key)).Body?.transformToString('utf-8')) ?? '';
