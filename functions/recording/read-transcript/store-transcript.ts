import type { Job } from '../../../core/job/job.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import { madeLabels, type ObjectLabels } from '../../../core/media/object-head.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';
import { writeHtml } from '../../../core/transcript/write-html.ts';
import { writeSrt } from '../../../core/transcript/write-srt.ts';
import { writeText } from '../../../core/transcript/write-text.ts';
import { writeVtt } from '../../../core/transcript/write-vtt.ts';

export type Objects = {
  /** The text of an object; undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string, contentType: string, labels: ObjectLabels): Promise<void>;
  /** Removing what is not there is success. */
  remove(key: string): Promise<void>;
};

/** Writes THE transcript in every form, into the folder of its recording. */
export const storeTranscript = async (
  objects: Objects,
  job: Job & { readonly folder: string },
  transcript: Transcript,
): Promise<void> => {
  const json = JSON.stringify(transcript);
  const keys = transcriptKeysOf(job.folder);
  // Insights point into the words that they were found in. Those of other words go first: FindInsights may fail, and
  // the mail then tells none rather than stale ones.
  if ((await objects.read(keys.json)) !== json) await objects.remove(insightsKeyOf(job.folder));
  const labels = madeLabels(job, 'transcript');
  await objects.write(keys.vtt, writeVtt(transcript), 'text/vtt; charset=utf-8', labels);
  await objects.write(keys.srt, writeSrt(transcript), 'application/x-subrip; charset=utf-8', labels);
  await objects.write(keys.text, writeText(transcript), 'text/plain; charset=utf-8', labels);
  await objects.write(keys.html, writeHtml(transcript, job.topic), 'text/html; charset=utf-8', labels);
  // Last, because the steps that follow look for this one.
  await objects.write(keys.json, json, 'application/json', labels);
};
