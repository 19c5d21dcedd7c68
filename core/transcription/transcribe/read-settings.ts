import { transcribeSettings, type TranscribeSettings } from './settings.ts';

/** Settings as a stage has them: texts, of which an empty one says nothing. */
export type TranscribeTexts = {
  /** `en-US`: that language. `en-US, de-DE=terms`: one of these, each with its vocabulary. Empty: any. */
  readonly languages?: string | undefined;
  /** `all`, or kinds of what is said of persons: `NAME, EMAIL`. */
  readonly redact?: string | undefined;
  /** `vtt`, `srt`, or both. */
  readonly subtitles?: string | undefined;
};

const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

const parse = ({ languages, redact, subtitles }: TranscribeTexts) => {
  const named = listOf(languages).map((one) => one.split('=').map((part) => part.trim()));
  const codes = named.map(([code = '']) => code);
  const kinds = listOf(redact);
  const formats = listOf(subtitles);
  return transcribeSettings.safeParse({
    ...(codes.length === 1 ? { language: codes[0] } : codes.length > 1 ? { languageOptions: codes } : {}),
    vocabularies: Object.fromEntries(
      named.filter((parts) => parts.length > 1).map(([code = '', ...name]) => [code, name.join('=')]),
    ),
    ...(kinds.length > 0 && { redact: kinds.join() === 'all' ? 'all' : kinds }),
    ...(formats.length > 0 && { subtitles: formats }),
  });
};

/** What is wrong with one of them, or with two together; nothing where all is well. */
export const complaintAboutTranscribe = (texts: TranscribeTexts): string | undefined =>
  parse(texts)
    .error?.issues.map(({ message }) => message)
    .join('; ');
export const complaintAboutLanguages = (languages: string) => complaintAboutTranscribe({ languages });
export const complaintAboutRedaction = (redact: string) => complaintAboutTranscribe({ redact });
export const complaintAboutSubtitles = (subtitles: string) => complaintAboutTranscribe({ subtitles });

/** Checked when the stage was packaged; throws where it was not. */
export const readTranscribeSettings = (texts: TranscribeTexts): TranscribeSettings => {
  const { data, error } = parse(texts);
  if (!data) throw error;
  return data;
};
