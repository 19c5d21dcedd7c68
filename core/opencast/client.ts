import * as z from 'zod';
import { parseJson } from '../rest/rest.ts';
import { PermanentError, TransientError } from '../step/errors.ts';
import { opencastCalls, type Access, type OpencastAnswer, type OpencastRequest } from './http.ts';
import { rootAttribute } from './read-xml.ts';

const mediaPackageRoot = { name: 'mediapackage', namespace: 'http://mediapackage.opencastproject.org' };
const workflowRoot = { name: 'workflow', namespace: 'http://workflow.opencastproject.org' };
const terms = 'http://purl.org/dc/terms/';

/** Opencast pulls media while it answers; this is longer than a function may run, which ends the call first. */
const pullPatience = 880_000;

export type Added = { readonly url: string; readonly flavor: string; readonly tags?: readonly string[] };
export type WorkflowEnd = { readonly state: 'running' | 'succeeded' | 'failed' | 'stopped'; readonly because?: string };

const workflowAnswer = z.object({
  state: z.string(),
  operations: z.array(z.object({ state: z.string().optional(), description: z.string().optional() })).optional(),
});

/** What an ingest says to an Opencast of version 17 to 20. */
export const opencastClient = (access: Access) => {
  const call = opencastCalls(access);

  /** Its own words about what was sent: a mistake of ours or of a setting, that no repetition mends. */
  const refused = ({ status, text }: OpencastAnswer): PermanentError =>
    new PermanentError('BAD_INPUT', `Opencast answered ${status}: ${text.replace(/\s+/g, ' ').slice(0, 200)}`);
  const isThere = async (path: string, signal: AbortSignal): Promise<OpencastAnswer | undefined> => {
    const answer = await call({ method: 'GET', path }, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer);
    return answer;
  };
  const numberOf = async (path: string, query: Record<string, string>, signal: AbortSignal): Promise<number> => {
    const answer = await call({ method: 'GET', path, query }, signal);
    const count = Number(answer.text.trim() || NaN);
    if (answer.status !== 200 || !Number.isInteger(count)) throw refused(answer);
    return count;
  };
  const grown = async (request: OpencastRequest, signal: AbortSignal): Promise<string> => {
    const answer = await call(request, signal);
    if (answer.status !== 200 || rootAttribute(answer.text, mediaPackageRoot, 'id') === undefined)
      throw refused(answer);
    return answer.text;
  };
  const addByUrl =
    (path: string) =>
    (mediaPackage: string, { url, flavor, tags = [] }: Added, signal: AbortSignal): Promise<string> => {
      const form = new URLSearchParams({ mediaPackage, url, flavor, ...(tags.length > 0 && { tags: tags.join(',') }) });
      return grown({ method: 'POST', path, form, patience: pullPatience }, signal);
    };

  return {
    hasWorkflowDefinition: async (id: string, signal: AbortSignal): Promise<boolean> =>
      (await isThere(`/api/workflow-definitions/${encodeURIComponent(id)}`, signal)) !== undefined,

    /** Undefined where there is no such series. */
    series: async (id: string, signal: AbortSignal): Promise<{ publishers: string[] } | undefined> => {
      const answer = await isThere(`/series/${encodeURIComponent(id)}.json`, signal);
      if (!answer) return undefined;
      const values = z.array(z.looseObject({ value: z.string() }));
      const catalog = z.looseObject({ [terms]: z.looseObject({ publisher: values.optional() }) });
      const read = catalog.safeParse(parseJson(answer.text));
      if (!read.success) throw refused(answer);
      return {
        publishers: (read.data[terms]?.publisher ?? []).map(({ value }) => value).filter((value) => value !== ''),
      };
    },

    /** Only a 404 says that it is not there. The index learns of an event late, its workflows are known at once. */
    hasEvent: async (id: string, signal: AbortSignal): Promise<boolean> => {
      if (await isThere(`/api/events/${encodeURIComponent(id)}`, signal)) return true;
      const path = `/workflow/mediaPackage/${encodeURIComponent(id)}/hasActiveWorkflows`;
      return (await isThere(path, signal))?.text.trim() === 'true';
    },

    /** How much Opencast fetches at this moment. */
    transfersRunning: async (signal: AbortSignal): Promise<number> => {
      const query = { serviceType: 'org.opencastproject.ingest', status: 'RUNNING' };
      const counts = ['uri-track', 'track'].map((operation) =>
        numberOf('/services/count', { ...query, operation }, signal),
      );
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },

    createMediaPackage: (id: string, signal: AbortSignal): Promise<string> =>
      grown({ method: 'PUT', path: `/ingest/createMediaPackageWithID/${encodeURIComponent(id)}` }, signal),
    addEpisode: (mediaPackage: string, dublinCore: string, signal: AbortSignal): Promise<string> => {
      const form = new URLSearchParams({ mediaPackage, dublinCore, flavor: 'dublincore/episode' });
      return grown({ method: 'POST', path: '/ingest/addDCCatalog', form }, signal);
    },
    addTrack: addByUrl('/ingest/addTrack'),
    addCatalog: addByUrl('/ingest/addCatalog'),
    addAttachment: addByUrl('/ingest/addAttachment'),

    /** The number of the workflow. After a cut connection nobody knows whether there is one: ask `hasEvent` first. */
    ingest: async (
      mediaPackage: string,
      workflow: string,
      parameters: Readonly<Record<string, string>>,
      signal: AbortSignal,
    ): Promise<number> => {
      const form = new URLSearchParams({ ...parameters, mediaPackage });
      const path = `/ingest/ingest/${encodeURIComponent(workflow)}`;
      const answer = await call({ method: 'POST', path, form, patience: pullPatience }, signal);
      const id = Number(rootAttribute(answer.text, workflowRoot, 'id') ?? NaN);
      if (answer.status !== 200 || !Number.isInteger(id)) throw refused(answer);
      return id;
    },

    workflow: async (id: number, signal: AbortSignal): Promise<WorkflowEnd> => {
      const request = { method: 'GET', path: `/api/workflows/${id}`, query: { withoperations: 'true' } } as const;
      const answer = await call(request, signal);
      const read = workflowAnswer.safeParse(parseJson(answer.text));
      // It is made in the same moment as its number is told, and may yet be on its way to the index.
      if (answer.status === 404) throw new TransientError(`Opencast does not know workflow ${id} yet`);
      if (answer.status !== 200 || !read.success) throw refused(answer);
      const state = read.data.state.toLowerCase();
      if (state !== 'succeeded' && state !== 'failed' && state !== 'stopped') return { state: 'running' };
      const because = read.data.operations?.find(
        (operation) => operation.state?.toLowerCase() === 'failed',
      )?.description;
      return { state, ...(because && { because }) };
    },
  };
};
export type OpencastClient = ReturnType<typeof opencastClient>;
