import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyMeeting } from '../../local/verify.ts';
import { sampleMeeting } from '../../local/zoom/sample-meeting.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud();
}, 60_000);
afterAll(async () => {
  await local.close();
  local.remove();
});

test('a recording that Zoom announces twice ends archived, transcribed, summarised and mailed once', async () => {
  const meeting = sampleMeeting({ accountId: local.cloud.zoomAccountId });
  local.cloud.zoom.addMeeting(meeting);
  await local.cloud.zoom.announce(meeting.uuid, 'recording.transcript_completed');
  await local.cloud.zoom.announce(meeting.uuid, 'recording.completed', { duplicate: true });
  const job = await local.closed(local.jobIdOf(meeting));
  const checks = await verifyMeeting(local.cloud, local.look, meeting, job);
  expect(checks.filter(({ isTrue }) => !isTrue)).toEqual([]);
  expect(local.errors).toEqual([]);
});
