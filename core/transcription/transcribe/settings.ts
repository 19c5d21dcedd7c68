import * as z from 'zod';

const languageCode = z
  .string()
  .regex(/^[a-z]{2,3}-[A-Z]{2}$/, 'expected a language as Amazon Transcribe names it: en-US');
/** A name that somebody gave to a vocabulary in the console. */
const resourceName = z.string().regex(/^[0-9A-Za-z._-]{1,200}$/, 'expected letters, digits, dots, dashes');

export const transcribeSettings = z
  .object({
    /** Left out, the language is found from the sound. */
    language: languageCode.optional(),
    /** Among which it is to be found. */
    languageOptions: z.array(languageCode).min(2).max(5).optional(),
    /** Of each language that has one: the name of its vocabulary. */
    vocabularies: z.record(languageCode, resourceName).default({}),
    /** What is said of persons is left out of the transcript: `all`, or what kinds. */
    redact: z
      .union([
        z.literal('all'),
        z
          .array(z.string().regex(/^[A-Z_]+$/))
          .min(1)
          .max(11),
      ])
      .optional(),
    /** Captions of Transcribe's own, beside ours. They name nobody. */
    subtitles: z.array(z.enum(['vtt', 'srt'])).optional(),
  })
  .refine(({ language, languageOptions }) => !(language && languageOptions), {
    error: 'expected either a language or languages to choose from',
    path: ['languageOptions'],
  })
  .refine(({ languageOptions = [] }) => new Set(languageOptions).size === languageOptions.length, {
    error: 'expected each language once',
    path: ['languageOptions'],
  })
  .refine(
    ({ language, languageOptions = [], vocabularies }) =>
      Object.keys(vocabularies).every((code) => code === language || languageOptions.includes(code)),
    { error: 'expected vocabularies of the languages that are named, and of no others', path: ['vocabularies'] },
  );
export type TranscribeSettings = z.output<typeof transcribeSettings>;
