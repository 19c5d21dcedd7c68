import { localAccount } from '../gateway/credentials.ts';
import type { Transcript } from '../../core/transcript/transcript.ts';

/** What is said in a media file: the stand-in recognises no speech. */
export type Script = {
  readonly language?: string;
  readonly words: readonly {
    /** A word, with the punctuation that follows it. */
    readonly text: string;
    readonly startSeconds: number;
    readonly endSeconds: number;
    /** From 0, where voices are to be told apart. */
    readonly speaker?: number;
    readonly confidence?: number;
    /** Left out where redaction is asked for. */
    readonly isPrivate?: boolean;
  }[];
};

type Shape = { readonly withSpeakers: boolean; readonly isRedacted: boolean; readonly identifies: boolean };

const time = (seconds: number): string => String(Math.round(seconds * 1_000) / 1_000);

/** The result of a job in the form in which Transcribe writes it: every number a string, punctuation without a time. */
export const resultOf = (jobName: string, script: Script, { withSpeakers, isRedacted, identifies }: Shape): object => {
  const items = script.words.flatMap((word) => {
    const label = withSpeakers && { speaker_label: `spk_${word.speaker ?? 0}` };
    const [, content = '', marks = ''] = /^(.*?)([.,?!;:]*)$/su.exec(word.text) ?? [];
    const said = isRedacted && word.isPrivate ? '[PII]' : content;
    return [
      {
        type: 'pronunciation',
        ...label,
        alternatives: [{ confidence: String(word.confidence ?? 0.99), content: said }],
        start_time: time(word.startSeconds),
        end_time: time(word.endSeconds),
      },
      ...(marks ? [{ type: 'punctuation', ...label, alternatives: [{ confidence: '0.0', content: marks }] }] : []),
    ];
  });
  const text = script.words.map((word) => (isRedacted && word.isPrivate ? '[PII]' : word.text)).join(' ');
  const language = script.language ?? 'en-US';
  return {
    jobName,
    accountId: localAccount,
    status: 'COMPLETED',
    ...(isRedacted && { isRedacted: true }),
    results: {
      ...(identifies && { language_code: language, language_identification: [{ score: '0.9', code: language }] }),
      transcripts: [{ transcript: text }],
      ...(withSpeakers && { speaker_labels: speakerLabels(script) }),
      items,
    },
  };
};

const speakerLabels = ({ words }: Script): object => {
  const segments: { speaker_label: string; start_time: string; end_time: string; items: object[] }[] = [];
  for (const { speaker = 0, startSeconds, endSeconds } of words) {
    const item = { speaker_label: `spk_${speaker}`, start_time: time(startSeconds), end_time: time(endSeconds) };
    const last = segments.at(-1);
    if (last?.speaker_label === item.speaker_label) {
      last.items.push(item);
      last.end_time = item.end_time;
    } else segments.push({ ...item, items: [item] });
  }
  return { segments, channel_label: 'ch_0', speakers: new Set(words.map(({ speaker = 0 }) => speaker)).size };
};

/** For captions, which Transcribe cuts by itself: here by sentences. */
export const captionsOf = ({ words }: Script): Transcript => {
  const segments: Transcript['segments'] = [];
  let isOpen = false;
  for (const { text, startSeconds, endSeconds } of words) {
    const last = segments.at(-1);
    const endMs = Math.round(endSeconds * 1_000);
    if (isOpen && last) Object.assign(last, { text: `${last.text} ${text}`, endMs });
    else segments.push({ id: String(segments.length + 1), startMs: Math.round(startSeconds * 1_000), endMs, text });
    isOpen = !/[.?!]$/.test(text);
  }
  return { origin: 'zoom-vtt', durationMs: segments.at(-1)?.endMs ?? 0, speakers: [], segments };
};
