import * as z from 'zod';
import type { Rest } from '../rest/rest.ts';
import { PermanentError } from '../step/errors.ts';
import type { FailureCode } from '../step/failures.ts';
import { keepOutOfLogs } from '../step/log.ts';
import { parse } from '../step/parse.ts';
import { meaningOf, type ZoomAnswer } from './errors.ts';
import { ask, zoomHttp } from './http.ts';
import { normaliseFiles, type ZoomFile } from './files.ts';
import { zoomRecording, type ZoomRecording } from './recording.ts';
import { zoomToken, type Credentials } from './token.ts';

/** Of a meeting as it is planned. */
const zoomMeeting = z.looseObject({ settings: z.looseObject({ alternative_hosts: z.string().nullish() }).nullish() });

/** The files with the one token that opens their addresses. */
export type ZoomDownloads = { readonly files: readonly ZoomFile[]; readonly token: string | undefined };

export const zoomClientConfig = {
  zoomApiUrl: z.url("expected the base URL of Zoom's REST API"),
  zoomOauthUrl: z.url("expected the URL of Zoom's token endpoint"),
};

type Ports = {
  /** `https://api.zoom.us/v2`, or the account's regional or government host. */
  apiUrl: string;
  oauthUrl: string;
  credentials: (how?: { afresh: boolean }) => Promise<Credentials | undefined>;
  now: () => Date;
  http?: Rest;
};

/** Seconds a download token is asked to live: longer than any retry, and a redrive asks for a new one. */
const downloadTokenSeconds = 86_400;

/** A uuid that begins with `/` or holds `//` must be encoded twice, and any may. */
const twice = (uuid: string): string => encodeURIComponent(encodeURIComponent(uuid));

/** What is refused of one thing says nothing of the credentials. */
const renamed = (error: Error, refusedAs: FailureCode): Error =>
  error instanceof PermanentError && error.code === 'ZOOM_REFUSED'
    ? new PermanentError(refusedAs, error.message.replace(/^ZOOM_REFUSED: /, ''))
    : error;

export const zoomClient = ({ apiUrl, oauthUrl, credentials, now, http = zoomHttp() }: Ports) => {
  const tokens = zoomToken({ http, oauthUrl, credentials, now });

  /** The answer, or undefined if there is no such thing. A token that has died is replaced once. */
  const call = async (
    request: { method: 'GET' | 'DELETE'; path: string; params: object; refusedAs?: FailureCode },
    signal: AbortSignal,
  ): Promise<ZoomAnswer | undefined> => {
    const { method, path, params, refusedAs } = request;
    for (const isLast of [false, true]) {
      const token = await tokens.get();
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
      const answer = await ask(http, { method, url: `${apiUrl}${path}`, params, headers, signal });
      const meaning = meaningOf(answer, now());
      if (meaning.is === 'ok') return answer;
      if (meaning.is === 'absent') return undefined;
      if (meaning.is === 'failure') throw refusedAs ? renamed(meaning.error, refusedAs) : meaning.error;
      await tokens.drop(token);
      if (isLast) break;
    }
    throw new PermanentError('ZOOM_REFUSED', 'Zoom refuses a token that it has just given');
  };
  const get = (path: string, params: object, signal: AbortSignal): Promise<ZoomAnswer | undefined> =>
    call({ method: 'GET', path, params }, signal);

  const fetchRecording = async (
    uuid: string,
    params: object,
    signal: AbortSignal,
  ): Promise<ZoomRecording | undefined> => {
    const forms = [twice(uuid), encodeURIComponent(uuid)];
    for (const form of forms) {
      const answer = await get(`/meetings/${form}/recordings`, params, signal);
      if (!answer) continue;
      const recording = parse('ZOOM_CHANGED', zoomRecording, answer.body);
      keepOutOfLogs(recording.password, recording.recording_play_passcode, recording.download_access_token);
      return recording;
    }
    return undefined;
  };

  return {
    hasCredentials: async (): Promise<boolean> => (await credentials()) !== undefined,

    recording: (meetingUuid: string, signal: AbortSignal): Promise<ZoomRecording | undefined> =>
      fetchRecording(meetingUuid, {}, signal),

    /** Addresses of those who may start the meeting in the host's place; of a meeting that Zoom has forgotten none. */
    alternativeHosts: async (meetingId: string, signal: AbortSignal): Promise<string[]> => {
      const answer = await get(`/meetings/${encodeURIComponent(meetingId)}`, {}, signal);
      if (!answer) return [];
      const { settings } = parse('ZOOM_CHANGED', zoomMeeting, answer.body);
      return (settings?.alternative_hosts ?? '')
        .split(/[;,]/)
        .map((one) => one.trim())
        .filter(Boolean);
    },

    /** The same listing with a fresh token for downloads, for the steps that fetch bytes. */
    downloads: async (meetingUuid: string, signal: AbortSignal): Promise<ZoomDownloads | undefined> => {
      const params = { include_fields: 'download_access_token', ttl: downloadTokenSeconds };
      const found = await fetchRecording(meetingUuid, params, signal);
      return found && { files: normaliseFiles(found), token: found.download_access_token };
    },

    /**
     * Moves one file to the trash, out of which Zoom gives it back for 30 days; never deletes it. `gone`: it was no
     * longer there.
     */
    trash: async (meetingUuid: string, zoomId: string, signal: AbortSignal): Promise<'trashed' | 'gone'> => {
      for (const form of [twice(meetingUuid), encodeURIComponent(meetingUuid)]) {
        const path = `/meetings/${form}/recordings/${encodeURIComponent(zoomId)}`;
        const request = { method: 'DELETE', path, params: { action: 'trash' }, refusedAs: 'TRASH_REFUSED' } as const;
        if (await call(request, signal)) return 'trashed';
      }
      return 'gone';
    },
  };
};

export type ZoomClient = ReturnType<typeof zoomClient>;
