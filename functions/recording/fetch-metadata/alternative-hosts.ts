import type { Job } from '../../../core/job/job.ts';
import { PermanentError } from '../../../core/step/errors.ts';

type Ports = {
  jobs: {
    keepAlternativeHosts: (jobId: string, addresses: readonly string[]) => Promise<boolean>;
    addNote: (jobId: string, note: string) => Promise<void>;
  };
  zoom: {
    hasCredentials: () => Promise<boolean>;
    alternativeHosts: (meetingId: string, signal: AbortSignal) => Promise<string[]>;
  };
};

/**
 * Whom the meeting names as alternative hosts, for the mail; asked once. That Zoom does not say it costs them the mail
 * and the recording nothing.
 */
export const learnAlternativeHosts = async (
  { jobs, zoom }: Ports,
  { jobId, meetingId, sealedAlternativeHosts }: Job,
  signal: AbortSignal,
): Promise<void> => {
  if (!meetingId || sealedAlternativeHosts !== undefined || !(await zoom.hasCredentials())) return;
  try {
    await jobs.keepAlternativeHosts(jobId, await zoom.alternativeHosts(meetingId, signal));
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await jobs.addNote(jobId, `Alternative hosts get no mail, because Zoom did not name them (${error.message}).`);
  }
};
