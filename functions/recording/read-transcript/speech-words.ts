import type { SpeechRows, SpeechWork } from '../../../core/job/speech-rows.ts';
import type { HeardTrack } from '../../../core/transcription/heard.ts';
import { interleave } from '../../../core/transcription/interleave.ts';
import type { Recorded, SpeechReader } from '../../../core/transcription/driver.ts';
import { worksOf } from '../../../core/transcription/start-works.ts';
import type { Transcript } from '../../../core/transcript/transcript.ts';

export type SpeechPorts = {
  readonly driver: SpeechReader;
  readonly rows: Pick<SpeechRows, 'works'>;
};

export type SpeechWords =
  | { readonly isEnded: false; readonly isBegun: boolean }
  | { readonly isEnded: true; readonly transcript?: Transcript; readonly notes: readonly string[] };

/** What speech recognition heard of a recording, as far as it has ended. */
export const speechWords = async (
  { driver, rows }: SpeechPorts,
  jobId: string,
  recorded: Recorded,
): Promise<SpeechWords> => {
  const sounds = driver.sounds(recorded);
  if (sounds.length === 0) return { isEnded: true, notes: ['There is no sound in which words could be heard.'] };
  const works = worksOf(driver, sounds, await rows.works(jobId, driver.name));
  if (!works.every((work) => work?.status === 'heard' || work?.status === 'failed'))
    return { isEnded: false, isBegun: works.some((work) => work !== undefined) };

  const tracks: HeardTrack[] = [];
  const reasons = new Set<string>();
  for (const work of works as SpeechWork[]) {
    const heard = work.status === 'heard' ? await driver.result(work) : { because: work.because ?? 'no reason given' };
    if ('because' in heard) reasons.add(heard.because);
    else tracks.push(...heard);
  }
  const notes = [...reasons].map((because) => `${driver.title} gave no words of a track: ${because}`);
  const transcript = interleave(tracks, driver.name);
  if (transcript.segments.length > 0) return { isEnded: true, transcript, notes };
  const silence = `${driver.title} heard no words in this recording.`;
  return { isEnded: true, notes: tracks.length > 0 ? [...notes, silence] : notes };
};
