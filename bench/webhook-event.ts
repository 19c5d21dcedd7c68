import { randomBytes } from 'node:crypto';
import { eventBody } from '../local/zoom/event-body.ts';
import type { SimulatedMeeting } from '../local/zoom/meeting.ts';
import { sampleMeeting } from '../local/zoom/sample-meeting.ts';
import { signatureOf } from '../local/zoom/webhooks.ts';

export type SignedRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** The announcement of one more recording of eight files, as the simulated Zoom words and signs it. */
export const signedEvent = (secret: string, meeting: SimulatedMeeting = distinctMeeting()): SignedRequest => {
  const origin = 'https://zoom.us';
  const body = eventBody('recording.completed', {
    meeting,
    files: meeting.files.filter((file) => file.later !== true),
    eventTs: Date.now(),
    origin,
    downloadToken: `${randomBytes(60).toString('base64url')}.${randomBytes(180).toString('base64url')}.${randomBytes(32).toString('base64url')}`,
    downloadUrl: (file) => `${origin}/rec/webhook_download/${file.id}/${randomBytes(18).toString('base64url')}`,
  });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-zm-request-timestamp': timestamp,
      'x-zm-signature': signatureOf(secret, timestamp, body),
    },
    body,
  };
};

export const distinctMeeting = (accountId?: string): SimulatedMeeting =>
  sampleMeeting({ uuid: randomBytes(16).toString('base64'), ...(accountId ? { accountId } : {}) });

/** The request as API Gateway hands it to the function, as far as the function reads it. */
export const asGatewayEvent = ({ headers, body }: SignedRequest): object => ({
  version: '2.0',
  routeKey: 'POST /zoom/webhook',
  rawPath: '/zoom/webhook',
  rawQueryString: '',
  headers,
  body,
  isBase64Encoded: false,
});
