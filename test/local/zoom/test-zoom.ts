import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { sampleMeeting } from '../../../local/zoom/sample-meeting.ts';
import { startZoom } from '../../../local/zoom/simulator.ts';
import type { Zoom, ZoomOptions } from '../../../local/zoom/simulator.ts';

export const SECRETS = {
  accountId: 'Q1w2E3r4T5y6U7i8O9p0Aa',
  clientId: 'client',
  clientSecret: 'client-secret',
  webhookSecret: 'webhook-secret',
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A simulator with the sample meeting, closed after the test. */
export const openZoom = async (options: Partial<ZoomOptions> = {}): Promise<Zoom> => {
  const zoom = await startZoom({ port: 0, ...SECRETS, ...options });
  closers.push(zoom.close);
  zoom.addMeeting(sampleMeeting());
  return zoom;
};

/** A webhook endpoint that does what it is told. */
export const openEndpoint = async (
  answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void,
) => {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => answer(request, Buffer.concat(pieces), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/zoom/webhook`;
};

export const askToken = (
  zoom: Zoom,
  form: Record<string, string> = { grant_type: 'account_credentials', account_id: SECRETS.accountId },
  credentials = `${SECRETS.clientId}:${SECRETS.clientSecret}`,
): Promise<Response> =>
  fetch(zoom.oauthUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams(form),
  });

export const accessToken = async (zoom: Zoom): Promise<string> =>
  ((await (await askToken(zoom)).json()) as { access_token: string }).access_token;

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** A GET below /v2 with a fresh token: status and body. */
export const get = async (zoom: Zoom, path: string, token?: string) => {
  const response = await fetch(`${zoom.url}/v2${path}`, { headers: bearer(token ?? (await accessToken(zoom))) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};

export const twice = (uuid: string): string => encodeURIComponent(encodeURIComponent(uuid));

export type WireFile = { id?: string; file_type: string; download_url: string; file_size?: number; status?: string };
export type WireEvent = {
  event: string;
  event_ts: number;
  download_token: string;
  payload: { object: Record<string, unknown> & { recording_files: WireFile[] } };
};

/** The file of an event or listing. */
export const fileOf = (files: readonly WireFile[], type: string): WireFile => {
  const file = files.find(({ file_type }) => file_type === type);
  if (file === undefined) throw new Error(`No ${type} among the files.`);
  return file;
};

/** Gets a signed storage URL for a file of the sample meeting, as a webhook's reader does. */
export const storageUrl = async (zoom: Zoom, type: string): Promise<string> => {
  const event = JSON.parse(zoom.compose(sampleMeeting().uuid, 'recording.completed')) as WireEvent;
  const { download_url } = fileOf(event.payload.object.recording_files, type);
  const response = await fetch(download_url, { headers: bearer(event.download_token), redirect: 'manual' });
  return response.headers.get('location') ?? '';
};
