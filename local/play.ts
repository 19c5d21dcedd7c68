import { setTimeout as pause } from 'node:timers/promises';
import { jobIdOf } from '../core/keys.ts';
import type { Job } from '../core/job/job.ts';
import type { Look } from './clients.ts';
import type { Cloud } from './cloud.ts';
import { Complaint } from './complaint.ts';
import type { SimulatedMeeting } from './zoom/meeting.ts';

const patienceMillis = 120_000;
const lookEveryMillis = 100;

/** Waits until the jobs have ended. */
export const untilClosed = async (look: Look, isOurs: (job: Job) => boolean): Promise<Job[]> => {
  const deadline = Date.now() + patienceMillis;
  for (;;) {
    const jobs = (await look.jobs()).filter(isOurs);
    if (jobs.length > 0 && jobs.every((job) => job.status !== 'running')) return jobs;
    if (Date.now() > deadline) {
      const where = jobs.map((job) => `${job.jobId} at ${job.step ?? 'its start'}`).join(', ');
      throw new Complaint(
        `The recording did not end within ${patienceMillis / 1_000} s: ${where || 'no job was made'}.`,
      );
    }
    await pause(lookEveryMillis);
  }
};

/** Lets the simulated Zoom record a meeting and announce it as the real one does, some of it twice. */
export const playMeeting = async (cloud: Cloud, look: Look, meeting: SimulatedMeeting): Promise<Job> => {
  const challenge = await cloud.zoom.validate(`${cloud.api.url}/zoom/webhook`);
  if (!challenge.valid)
    throw new Complaint(`The webhook did not pass Zoom's validation: ${challenge.reason ?? 'no reason given'}.`);
  cloud.zoom.addMeeting(meeting);
  await cloud.zoom.announce(meeting.uuid, 'recording.completed', { duplicate: true });
  await cloud.zoom.announce(meeting.uuid, 'recording.transcript_completed');
  const jobId = jobIdOf(meeting.accountId, meeting.uuid);
  const [job] = await untilClosed(look, (one) => one.jobId === jobId);
  return job as Job;
};
