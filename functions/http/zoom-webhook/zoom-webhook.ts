import { createHash } from 'node:crypto';
import { jobIdOf } from '../../../core/keys.ts';
import type { Announced } from '../../../core/job/announce.ts';
import type { Announcement } from '../../../core/job/announcement.ts';
import { decodeUtf8, nestsTooDeep } from '../../../core/step/json-text.ts';
import { keepOutOfLogs, log } from '../../../core/step/log.ts';
import { firstComplaint } from '../../../core/step/parse.ts';
import { HttpError, type Answer, type RawRequest } from '../../../core/step/route.ts';
import {
  envelope,
  recordingEvent,
  tokenExpiry,
  urlValidation,
  type RecordingEvent,
} from '../../../core/zoom/events.ts';
import { normaliseFiles } from '../../../core/zoom/files.ts';
import { answerChallenge, verifySignature, type Verdict } from '../../../core/zoom/signature.ts';

type Ports = {
  /** The secret tokens of the Zoom app: the current one first, then those still valid during a rotation. */
  secrets: () => Promise<readonly [string, ...string[]]>;
  jobs: {
    announce: (announcement: Announcement) => Promise<Announced>;
    park: (eventId: string, reason: string, body: string) => Promise<void>;
  };
  machine: { start: (jobId: string, attempt: number) => Promise<void> };
  now: () => Date;
  windowSeconds: number;
};

/** Zoom's largest events, a meeting of hundreds of files, stay well below. */
const mostBytes = 1_048_576;

const refusals: Record<Exclude<Verdict, 'ok'>, string> = {
  missing: 'The request is not signed: x-zm-signature and x-zm-request-timestamp are expected.',
  malformed:
    'The signature or its timestamp is malformed: "v0=" and 64 hexadecimal digits, and Unix seconds, are expected.',
  wrong: "The signature does not fit the body. Check that the Zoom app's secret token is the one that is configured.",
  stale: 'The request was signed too long ago. Check the clock, or widen the freshness window.',
};

/**
 * Zoom's webhook: verifies, writes the job and starts the machine, nothing else. It says 200 only when both are
 * durable; whatever fails on our side is a 5xx, since that is what makes Zoom send the event again.
 */
export const zoomWebhook =
  ({ secrets, jobs, machine, now, windowSeconds }: Ports) =>
  async ({ headers, body }: RawRequest): Promise<Answer> => {
    if (body.length > mostBytes) throw new HttpError(413, 'TOO_LARGE', `The body is larger than ${mostBytes} bytes.`);
    const known = await secrets();
    const signed = { timestamp: headers['x-zm-request-timestamp'], signature: headers['x-zm-signature'], body };
    const verdict = verifySignature(signed, known, now(), windowSeconds);
    if (verdict !== 'ok') throw new HttpError(401, `SIGNATURE_${verdict.toUpperCase()}`, refusals[verdict]);

    const json = readJson(body);
    const challenge = urlValidation.safeParse(json);
    if (challenge.success) return { status: 200, body: answerChallenge(challenge.data.payload.plainToken, known[0]) };

    const park = async (reason: string): Promise<Answer> => {
      log.warn('event parked', { reason });
      await jobs.park(createHash('sha256').update(body).digest('hex').slice(0, 32), reason, body.toString('utf8'));
      return { status: 200, body: { parked: reason } };
    };

    const about = envelope.safeParse(json);
    if (!about.success) return park(firstComplaint(about.error));
    if (!recordingEvent.shape.event.safeParse(about.data.event).success) {
      log.info('event not handled', { event: about.data.event });
      return { status: 200, body: { ignored: about.data.event } };
    }
    const event = recordingEvent.safeParse(json);
    if (!event.success) return park(firstComplaint(event.error));

    const { password, recording_play_passcode: passcode } = event.data.payload.object;
    keepOutOfLogs(event.data.download_token, password, passcode, ...known);
    const { jobId, attempt, status, newFiles } = await jobs.announce(toAnnouncement(event.data, now()));
    // Started again for a repeated event too: the first delivery may have died between the row and the start.
    if (status === 'running') await machine.start(jobId, attempt);
    log.info('recording announced', { jobId, attempt, newFiles });
    return { status: 200, body: { jobId, newFiles } };
  };

const readJson = (body: Buffer): unknown => {
  const text = decodeUtf8(body);
  if (text !== undefined && nestsTooDeep(text))
    throw new HttpError(400, 'NESTED_TOO_DEEP', 'The body nests deeper than any event of Zoom.');
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new HttpError(
      400,
      'NOT_JSON',
      'The body is not JSON. Zoom sends UTF-8 encoded JSON without a byte order mark.',
    );
  }
};

const toAnnouncement = (event: RecordingEvent, now: Date): Announcement => {
  const { account_id: accountId, object } = event.payload;
  // A file that Zoom still works on has no bytes yet; it is announced again when it has.
  const files = normaliseFiles(object).filter((file) => file.status !== 'processing');
  const token = event.download_token;
  return {
    jobId: jobIdOf(accountId, object.uuid),
    source: 'zoom',
    origin: 'webhook',
    reopens: true,
    meetingUuid: object.uuid,
    meetingId: object.id,
    accountId,
    topic: object.topic,
    startTime: object.start_time,
    timezone: object.timezone,
    durationMinutes: object.duration,
    hostEmail: object.host_email,
    files: files.map(({ downloadUrl: _url, ...file }) => file),
    access: token
      ? {
          token,
          expiresAt: tokenExpiry(token, event.event_ts ?? now.getTime()),
          urls: Object.fromEntries(
            files.flatMap((file) => (file.downloadUrl ? [[file.fileId, file.downloadUrl]] : [])),
          ),
        }
      : undefined,
  };
};
