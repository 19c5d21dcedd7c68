import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from '@jest/globals';
import { executionNameOf, jobIdOf } from '../../../core/keys.ts';
import { route } from '../../../core/step/route.ts';
import { zoomWebhook } from '../../../functions/http/zoom-webhook/zoom-webhook.ts';
import { fakeJobs } from '../../fakes/jobs.ts';
import { lambdaContext } from '../../fakes/lambda.ts';

export const now = new Date('2026-01-12T16:00:00Z');
export const uuid = 'aDYlohsHRtCd4ii1uC2+hA==';
export const accountId = 'abcDEF123';
export const jobId = jobIdOf(accountId, uuid);
export const secret = 'secret-token-of-the-app';

export const film = {
  id: 'film-1',
  recording_start: '2026-01-12T15:00:14Z',
  recording_end: '2026-01-12T15:31:47Z',
  file_type: 'MP4',
  file_extension: 'MP4',
  file_size: 1_000,
  status: 'completed',
  recording_type: 'shared_screen_with_speaker_view',
  download_url: 'https://zoom.us/rec/webhook_download/canary-url-1/t1',
};
export const sound = { ...film, id: 'sound-1', file_type: 'M4A', file_extension: 'M4A', recording_type: 'audio_only' };
export const words = {
  ...film,
  id: 'words-1',
  file_type: 'TRANSCRIPT',
  file_extension: 'VTT',
  recording_type: 'audio_transcript',
};

export const recording = (about: object = {}, top: object = {}) => ({
  event: 'recording.completed',
  event_ts: now.getTime() - 1_000,
  download_token: 'canary-token-1',
  payload: {
    account_id: accountId,
    object: {
      uuid,
      id: 85746065432,
      host_id: 'h1',
      host_email: 'canary-host@example.org',
      topic: 'Reading room',
      type: 2,
      start_time: '2026-01-12T15:00:14Z',
      timezone: 'Europe/Zurich',
      duration: 31,
      password: 'canary-password',
      recording_play_passcode: 'canary-passcode',
      recording_files: [film, sound],
      ...about,
    },
  },
  ...top,
});

/** The webhook behind its wrapper, with the job table in memory and a machine that knows executions by name. */
export const setUp = (secrets: readonly string[] = [secret]) => {
  const jobs = fakeJobs(() => now);
  const executions = new Set<string>();
  const broken = { announce: false, start: false, park: false };
  const unless = (name: keyof typeof broken): Promise<void> =>
    broken[name] ? Promise.reject(new Error('ProvisionedThroughputExceededException')) : Promise.resolve();
  const handler = route({
    name: 'zoomWebhook',
    run: zoomWebhook({
      secrets: () => Promise.resolve(secrets as [string, ...string[]]),
      jobs: {
        announce: (announcement) => unless('announce').then(() => jobs.announce(announcement)),
        park: (...event) => unless('park').then(() => jobs.park(...event)),
      },
      machine: {
        start: async (id, attempt) => {
          await unless('start');
          executions.add(executionNameOf(id, attempt));
        },
      },
      now: () => now,
      windowSeconds: 5_400,
    }),
  });
  const post = async (event: Partial<APIGatewayProxyEventV2>) => {
    const answer = (await handler({ headers: {}, ...event } as APIGatewayProxyEventV2, lambdaContext())) as {
      statusCode: number;
      body?: string;
    };
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') as Record<string, unknown> };
  };
  /** Sends bytes as Zoom would: signed, as text or, as API Gateway may, in base64. */
  const deliver = (
    event: object | string | Buffer,
    { key = secrets[0] ?? '', timestamp = `${now.getTime() / 1_000}` } = {},
  ) => {
    const body = Buffer.from(typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event));
    const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
    const headers = { 'x-zm-signature': signature, 'x-zm-request-timestamp': timestamp };
    return post({ headers, body: body.toString('base64'), isBase64Encoded: true });
  };
  return { jobs, executions, broken, post, deliver };
};

export const refusal = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } },
});
