import * as z from 'zod';
import type { Heard, Word } from '../heard.ts';

/** The result of a job, as far as it is used; further members come and go. */
const amount = z.coerce.number().min(0).max(1e6);
const item = z.object({
  type: z.string(),
  start_time: amount.optional(),
  end_time: amount.optional(),
  speaker_label: z.string().optional(),
  alternatives: z.array(z.object({ content: z.string(), confidence: z.coerce.number().optional() })).min(1),
});
const result = z.object({
  results: z.object({
    items: z.array(item).default([]),
    language_code: z.string().optional(),
    language_codes: z
      .array(z.object({ language_code: z.string(), duration_in_seconds: z.coerce.number().optional() }))
      .optional(),
    speaker_labels: z
      .object({
        segments: z
          .array(
            z.object({
              speaker_label: z.string(),
              items: z.array(z.object({ start_time: amount, speaker_label: z.string().optional() })).default([]),
            }),
          )
          .default([]),
      })
      .optional(),
  }),
});

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
const milliseconds = (seconds: number): number => Math.round(seconds * 1_000);

/** Reads the result of a job. What is no result is said in a sentence: the recording goes on without words. */
export const readResult = (text: string): Heard | { readonly because: string } => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { because: 'The result of Amazon Transcribe is not JSON.' };
  }
  const parsed = result.safeParse(given);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    return { because: `The result of Amazon Transcribe has an unknown form at ${where || 'its top'}.` };
  }
  const { items, language_code, language_codes = [], speaker_labels } = parsed.data.results;
  const labels = new Map(
    (speaker_labels?.segments ?? []).flatMap((segment) =>
      segment.items.map((one) => [one.start_time, one.speaker_label ?? segment.speaker_label] as const),
    ),
  );
  const words: Word[] = [];
  for (const { type, start_time, end_time, speaker_label, alternatives } of items) {
    const { content = '', confidence } = alternatives[0] ?? {};
    const said = oneLine(content);
    const last = words.at(-1);
    if (type === 'punctuation') {
      if (last) words[words.length - 1] = { ...last, text: last.text + said };
      continue;
    }
    if (start_time === undefined || said === '') continue;
    const label = speaker_label ?? labels.get(start_time);
    words.push({
      text: said,
      startMs: milliseconds(start_time),
      endMs: milliseconds(Math.max(start_time, end_time ?? start_time)),
      ...(confidence !== undefined && Number.isFinite(confidence) && { confidence }),
      ...(label && { label }),
    });
  }
  const [most] = [...language_codes].sort((a, b) => (b.duration_in_seconds ?? 0) - (a.duration_in_seconds ?? 0));
  const language = language_code ?? most?.language_code;
  return { words, ...(language && { language }) };
};
