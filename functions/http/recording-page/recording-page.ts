import type { Job, JobFile } from '../../../core/job/job.ts';
import type { JobMerge } from '../../../core/job/merge-rows.ts';
import { insightsKeyOf, transcriptKeysOf } from '../../../core/keys.ts';
import type { Links } from '../../../core/link/links.ts';
import { buildPage } from '../../../core/page/build-page.ts';
import { filled, type BuiltPage } from '../../../core/page/built-page.ts';
import { captionsFrom } from '../../../core/page/captions-from.ts';
import { offeredFiles, type Offered } from '../../../core/page/page-files.ts';
import { pageHeaders } from '../../../core/page/page-headers.ts';
import { keepOutOfLogs } from '../../../core/step/log.ts';
import type { PageRequest } from '../../../core/step/page-route.ts';
import type { Answer } from '../../../core/step/route.ts';
import { messages, type Message } from './messages.ts';

type Ports = {
  readLink: Links['read'];
  jobs: {
    get: (jobId: string) => Promise<Job | undefined>;
    files: (jobId: string) => Promise<JobFile[]>;
    merges: (jobId: string) => Promise<JobMerge[]>;
  };
  objects: {
    read: (key: string) => Promise<string | undefined>;
    sizes: (folder: string) => Promise<Map<string, number>>;
  };
  media: {
    /** An address for a short while; with a name, of something to be saved rather than shown. */
    url: (key: string, saveAs?: string) => Promise<string>;
    origin: () => Promise<string>;
  };
  built: BuiltPage;
};

/** Who may look at what: told by the token alone, before anything is read. */
type Admitted = { readonly job: Job; readonly linkEndsAt: Date; readonly request: PageRequest };
type Refused = { readonly message: Message };

/** Larger than the words of ten hours of three people, each with its time. */
const mostJson = 12_000_000;

const tell =
  (built: BuiltPage) =>
  (message: Message): Answer => ({
    status: messages[message].status,
    headers: { ...pageHeaders(), 'content-type': 'text/html; charset=utf-8' },
    content: filled(built.document('message'), { ...messages[message], status: String(messages[message].status) }),
  });

export const brokenPage = (built: BuiltPage) => (): Answer => tell(built)('broken');

/** The page of a recording for whoever holds a link to it: its shell, what it shows, its captions, its media. */
export const recordingPage = (ports: Ports) => {
  const { jobs, objects, media, built } = ports;

  const say = tell(built);

  const shell = async (): Promise<Answer> => ({
    status: 200,
    headers: { ...pageHeaders(await media.origin()), 'content-type': 'text/html; charset=utf-8' },
    content: built.document('recording'),
  });

  const data = async ({ job, linkEndsAt }: Admitted): Promise<Answer> => {
    const { jobId, folder } = job;
    const [files, merges, sizes] = await Promise.all([
      jobs.files(jobId),
      jobs.merges(jobId),
      folder ? objects.sizes(folder) : new Map<string, number>(),
    ]);
    const read = async (key: string): Promise<string | undefined> =>
      (sizes.get(key) ?? mostJson) < mostJson ? objects.read(key) : undefined;
    const [transcript, insights] = folder
      ? await Promise.all([read(transcriptKeysOf(folder).json), read(insightsKeyOf(folder))])
      : [];
    const page = buildPage({ job, files, merges, sizes, transcript, insights, linkEndsAt });
    return {
      status: 200,
      headers: { ...pageHeaders(), 'content-type': 'application/json; charset=utf-8' },
      content: JSON.stringify(page),
    };
  };

  const captions = async ({ job, request }: Admitted): Promise<Answer> => {
    const json = job.folder && (await objects.read(transcriptKeysOf(job.folder).json));
    const vtt = captionsFrom(json || undefined, Number(request.query.from ?? 0));
    return { status: 200, headers: { ...pageHeaders(), 'content-type': 'text/vtt; charset=utf-8' }, content: vtt };
  };

  const wanted = async ({ job, request }: Admitted): Promise<Offered | undefined> => {
    const { jobId, folder } = job;
    if (!folder) return undefined;
    const [files, merges] = await Promise.all([jobs.files(jobId), jobs.merges(jobId)]);
    return offeredFiles(folder, files, merges).find(({ name }) => name === request.path.name);
  };

  /**
   * Where a player finds the file for a while. Not by a redirect: a browser asks for each range of a film anew, and takes
   * the second only from where it had the first.
   */
  const address = async (admitted: Admitted): Promise<Answer> => {
    const file = await wanted(admitted);
    if (!file) return say('noSuchFile');
    return { status: 200, headers: pageHeaders(), body: { url: await media.url(file.key) } };
  };

  const save = async (admitted: Admitted): Promise<Answer> => {
    const file = await wanted(admitted);
    if (!file) return say('noSuchFile');
    const location = await media.url(file.key, file.key.slice(file.key.lastIndexOf('/') + 1));
    return { status: 302, headers: { ...pageHeaders(), location } };
  };

  /** Answers alike whether there is such a job or not, unless the token is one of ours. */
  const admit = async (request: PageRequest): Promise<Admitted | Refused> => {
    const { jobId = '' } = request.path;
    const { k: token } = request.query;
    keepOutOfLogs(token);
    if (!token) return { message: 'noToken' };
    const read = await ports.readLink(token, { jobId, purpose: 'watch' });
    if (read.verdict === 'forged') return { message: 'wrongToken' };
    if (read.verdict === 'expired') return { message: 'expired' };
    const job = await jobs.get(jobId);
    return job ? { job, linkEndsAt: read.expiresAt, request } : { message: 'gone' };
  };

  const answers: Record<string, (admitted: Admitted) => Promise<Answer>> = {
    'GET /r/{jobId}': shell,
    'GET /r/{jobId}/data': data,
    'GET /r/{jobId}/captions': captions,
    'GET /r/{jobId}/media/{name}': address,
    'GET /r/{jobId}/files/{name}': save,
  };

  return async (request: PageRequest): Promise<Answer> => {
    const admitted = await admit(request);
    if ('message' in admitted) return say(admitted.message);
    const answer = answers[request.routeKey];
    return answer ? answer(admitted) : say('noSuchFile');
  };
};
