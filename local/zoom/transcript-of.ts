import { fileKeyOf } from './meeting.ts';
import type { RestCall } from './rest-call.ts';
import { RestError } from './rest-error.ts';

/**
 * GET /meetings/{id or uuid}/transcript: of the AI Companion alone. For a meeting whose transcript is one of its
 * recording's files it answers 404, as the real one was seen to do.
 */
export const describeTranscript = ({ world, id }: RestCall): unknown => {
  const { library, origins } = world;
  const meeting = library.get(id) ?? library.latest(id);
  const isRecorded = meeting?.files.some((file) => file.fileType === 'TRANSCRIPT') === true;
  if (meeting === undefined || (meeting.companion === undefined && isRecorded)) {
    throw new RestError(404, 3001, `Meeting does not exist: ${id}.`);
  }
  const { companion } = meeting;
  const about = {
    meeting_id: meeting.uuid,
    account_id: meeting.accountId,
    meeting_topic: meeting.topic,
    host_id: meeting.hostId,
    can_download: companion !== undefined && meeting.running !== true,
  };
  if (meeting.running === true) return { ...about, download_restriction_reason: 'NOT_READY' };
  if (companion === undefined) return { ...about, download_restriction_reason: 'NO_TRANSCRIPT_DATA' };
  return {
    ...about,
    transcript_created_time: companion.end,
    download_url: `${origins.main}/rec/download/${fileKeyOf(meeting, companion)}`,
  };
};
