import * as z from 'zod';
import type { SpeechWork } from '../job/speech-rows.ts';
import { PermanentError, TransientError } from '../step/errors.ts';
import { keepOutOfLogs } from '../step/log.ts';
import type { KnownWork, ProviderState, Sound, Started, TranscriptionDriver } from '../transcription/driver.ts';
import { soundsOf } from '../transcription/transcribe/sounds.ts';
import { defaultWindowMs } from '../lease/leases.ts';
import type { Asked } from './asked-rows.ts';
import { readAnswer, type SymblClient } from './client.ts';
import { messagesOf, tracksOf } from './messages.ts';
import { readReference, writeReference } from './reference.ts';

const title = 'The Symbl-compatible service';

const submitted = z.object({ jobId: z.string().min(1), conversationId: z.string().min(1) });
const jobState = z.object({ status: z.string() });
/** What speakers.json says of the channels of the files beside it. */
const speakerList = z.object({
  files: z.array(
    z.object({ file: z.string(), channels: z.array(z.object({ channel: z.number().int(), speaker: z.string() })) }),
  ),
});

type ReaderPorts = { readonly client: SymblClient };
type WatcherPorts = ReaderPorts & { readonly asked: Pick<Asked, 'since'>; readonly now: () => number };
type StarterPorts = WatcherPorts & {
  readonly asked: Asked;
  /** An address at which the service can have the sound for some hours. */
  readonly presign: (key: string) => Promise<string>;
  readonly read: (key: string) => Promise<string | undefined>;
  /** Where the service is to tell of the job's work. */
  readonly callback: (jobId: string) => Promise<string>;
};

/** The merged file of a channel for each speaker; without one the tracks of people, or the sound of everybody. */
const sounds: TranscriptionDriver['sounds'] = ({ files, merges }) => {
  const merged = merges
    .filter(({ kind, status }) => kind === 'audio' && status === 'done')
    .flatMap(({ outputs, inputs }): Sound[] =>
      outputs
        .filter((key) => /\/speakers(-\d+)?\.flac$/.test(key))
        .map((key) => ({
          track: key.slice(key.lastIndexOf('/') + 1),
          key,
          content: inputs.map((input) => `${input.fileId} ${input.key}`).join('\n'),
          offsetMs: 0,
        })),
    );
  return merged.length > 0 ? merged : soundsOf(files);
};

const common = { name: 'symbl', title, sounds } as const;

export const symblReader = ({
  client,
}: ReaderPorts): Pick<TranscriptionDriver, 'name' | 'title' | 'sounds' | 'result'> => ({
  ...common,
  result: async ({ reference, offsetMs, speaker }) => {
    const known = readReference(reference);
    if (!known) return { because: `${title} did not say where its result is.` };
    return tracksOf(await messagesOf(client, known.conversationId), offsetMs, speaker);
  },
});

export const symblWatcher = ({
  client,
  asked,
  now,
}: WatcherPorts): Pick<TranscriptionDriver, 'name' | 'title' | 'state'> => ({
  ...common,
  state: async ({ name, reference }: KnownWork): Promise<ProviderState> => {
    const known = readReference(reference);
    // Sent, and the answer lost: it may be at work there, until its callback or so much time tells that it is not.
    if (!known) return { state: now() - ((await asked.since(name)) ?? 0) < defaultWindowMs ? 'running' : 'absent' };
    const answer = await client.call('GET', `/v1/job/${encodeURIComponent(known.jobId)}`);
    if (answer.status === 404) return { state: 'absent' };
    const { status } = readAnswer(answer, jobState, 'the state of a job');
    if (status === 'completed') return { state: 'ended', outcome: 'done' };
    if (status === 'failed') return { state: 'ended', outcome: 'failed', because: `${title} failed.`, retry: true };
    return { state: 'running' };
  },
});

/** A service that speaks Symbl's API, behind THE port of speech recognition. */
export const symblDriver = (ports: StarterPorts): TranscriptionDriver => ({
  ...symblReader(ports),
  ...symblWatcher(ports),
  whyNot: () => Promise.resolve(undefined),
  start: (work) => startWork(ports, work),
});

const startWork = async (ports: StarterPorts, work: SpeechWork): Promise<Started> => {
  const { client, asked, presign, callback } = ports;
  const channels = await channelsOf(ports, work);
  const url = await presign(work.key);
  const webhookUrl = await callback(work.jobId);
  keepOutOfLogs(url, webhookUrl);
  await client.signIn();
  // Noted first: the service starts what it is sent as often as it is sent.
  if (!(await asked.add(work.name))) return { answer: 'already' };
  const answer = await client.call('POST', '/v1/process/audio/url', {
    url,
    name: work.name,
    webhookUrl,
    languageCode: 'en-US',
    enableSummary: true,
    ...(channels.length > 0
      ? { enableSeparateRecognitionPerChannel: true, channelMetadata: channels }
      : work.speaker === undefined && { enableSpeakerDiarization: true, diarizationSpeakerCount: usualVoices }),
  });
  if (answer.status === 201)
    return { answer: 'started', reference: writeReference(readAnswer({ ...answer, status: 200 }, submitted, 'a job')) };
  // Whether it came in is not known: the note stays, and a second request under this name is never made.
  if (answer.status >= 500) throw new TransientError(`${title} did not take the sound (${answer.status})`);
  await asked.remove(work.name);
  if (answer.status === 429) return { answer: 'busy' };
  if (answer.status === 401 || answer.status === 403)
    throw new PermanentError('SYMBL_REFUSED', `sound was refused (${answer.status})`);
  throw new PermanentError('FILE_NOT_AS_EXPECTED', `${title} does not take this sound (${answer.status}).`);
};

/** On a sound of everybody nobody tells how many there are. */
const usualVoices = 4;

const channelsOf = async ({ read }: StarterPorts, { key }: SpeechWork): Promise<object[]> => {
  if (!key.endsWith('.flac')) return [];
  const [folder, file] = [key.slice(0, key.lastIndexOf('/') + 1), key.slice(key.lastIndexOf('/') + 1)];
  const list = speakerList.safeParse(JSON.parse((await read(`${folder}speakers.json`)) ?? 'null'));
  const channels = list.data?.files.find((one) => one.file === file)?.channels ?? [];
  // Counted from 1 there. Addresses are invented, since it wants some; nobody's real one is sent.
  return channels.map(({ speaker: name }, index) => ({
    channel: index + 1,
    speaker: { name, email: `speaker-${index + 1}@example.com` },
  }));
};
