import type { Announcement, AnnouncedFile } from '../../core/job/announcement.ts';
import { allowedBefore, type Job, type JobFile, type JobStatus } from '../../core/job/job.ts';
import type { JobTable } from '../../core/job/table.ts';

/**
 * The job table in memory, one atomic call after the other. That it behaves as the table on DynamoDB does is
 * proved by test/local/job-table.test.ts, which runs the same expectations against both.
 */
export const fakeJobs = (now: () => Date = () => new Date('2026-01-12T16:10:00Z')) => {
  const jobs = new Map<string, Job>();
  const files = new Map<string, Map<string, JobFile>>();
  const announced = new Map<string, Map<string, AnnouncedFile>>();
  const accesses: { jobId: string; access: NonNullable<Announcement['access']> }[] = [];
  const hosts = new Map<string, string>();
  const folders = new Map<string, string>();
  const parked: { eventId: string; reason: string; body: string }[] = [];

  const at = (): string => now().toISOString();
  const change = (jobId: string, holds: (job: Job) => boolean, set: (job: Job) => Job): Promise<boolean> => {
    const job = jobs.get(jobId);
    if (!job || !holds(job)) return Promise.resolve(false);
    jobs.set(jobId, set(job));
    return Promise.resolve(true);
  };
  const without = <Key extends keyof Job>(job: Job, ...names: Key[]): Job => {
    const copy = { ...job };
    for (const name of names) delete copy[name];
    return copy;
  };
  const may = (job: Job, next: JobStatus): boolean => allowedBefore(next).includes(job.status);
  const changeFile = (
    jobId: string,
    fileId: string,
    set: Partial<JobFile>,
    holds = (_file: JobFile): boolean => true,
  ): Promise<boolean> => {
    const file = files.get(jobId)?.get(fileId);
    if (!file || !holds(file)) return Promise.resolve(false);
    files.get(jobId)?.set(fileId, { ...file, ...set });
    return Promise.resolve(true);
  };
  const remember = ({ jobId, access, files: list }: Announcement): void => {
    if (!access) return;
    const urls = Object.fromEntries(
      Object.entries(access.urls).filter(([fileId]) => list.some((file) => file.fileId === fileId)),
    );
    accesses.push({ jobId, access: { ...access, urls } });
  };

  const table: JobTable = {
    announce: (announcement) => {
      const { jobId } = announcement;
      const job = jobs.get(jobId);
      const fresh = announcement.files.filter((file) => !job?.files.has(file.fileId));
      const isClosed =
        job !== undefined && job.status !== 'running' && (job.status !== 'failed' || announcement.reopens);
      if (job && (fresh.length === 0 || (isClosed && !announcement.reopens))) {
        if (job.status !== 'done') remember(announcement);
        if (isClosed) return Promise.resolve({ jobId, attempt: job.attempt, status: job.status, newFiles: 0 });
      }
      const attempt = job === undefined ? 1 : isClosed ? job.attempt + 1 : job.attempt;
      const { source, origin, meetingUuid, accountId, topic, startTime, timezone, durationMinutes, meetingId } =
        announcement;
      const told = Object.fromEntries(
        Object.entries({ topic, startTime, timezone, durationMinutes, meetingId, accountId }).filter(
          ([, value]) => value !== undefined,
        ),
      );
      const minutes = Math.max(durationMinutes ?? 0, job?.durationMinutes ?? 0);
      const base: Job = job ?? {
        ...{
          jobId,
          source,
          origin,
          meetingUuid,
          status: 'running',
          attempt: 1,
          attemptAt: at(),
          revision: 0,
          seenRevision: 0,
        },
        ...{ files: new Set<string>(), notes: [], createdAt: at(), updatedAt: at() },
      };
      const isOpen = announcement.reopens || base.status === 'running';
      jobs.set(jobId, {
        ...told,
        ...(isOpen ? without(base, 'closedAt', 'reason', 'failure') : base),
        ...(attempt === base.attempt ? {} : { redrives: undefined }),
        ...{ status: isOpen ? 'running' : base.status, attempt, updatedAt: at() },
        ...(minutes > 0 ? { durationMinutes: minutes } : {}),
        revision: base.revision + (job && fresh.length === 0 ? 0 : 1),
        attemptAt: attempt === base.attempt ? base.attemptAt : at(),
        // An attempt has seen the announcement that opens it.
        seenRevision: job && attempt === job.attempt ? job.seenRevision : base.revision + 1,
        files: new Set([...base.files, ...fresh.map((file) => file.fileId)]),
        ...(announcement.hostEmail && !hosts.has(jobId) ? { sealedHost: 'sealed' } : {}),
      });
      if (announcement.hostEmail && !hosts.has(jobId)) hosts.set(jobId, announcement.hostEmail);
      const list = announced.get(jobId) ?? new Map<string, AnnouncedFile>();
      for (const file of fresh) list.set(file.fileId, file);
      announced.set(jobId, list);
      if (fresh.length > 0) remember(announcement);
      const status = isOpen ? 'running' : base.status;
      return Promise.resolve({ jobId, attempt, status, newFiles: fresh.length });
    },
    get: (jobId) => Promise.resolve(jobs.get(jobId)),
    file: (jobId, fileId) => Promise.resolve(files.get(jobId)?.get(fileId)),
    files: (jobId) =>
      Promise.resolve([...(files.get(jobId)?.values() ?? [])].sort((a, b) => (a.fileId < b.fileId ? -1 : 1))),
    announcedFiles: (jobId) => Promise.resolve([...(announced.get(jobId)?.values() ?? [])]),
    access: (jobId, fileId) => {
      const [best] = accesses
        .filter(
          (one) =>
            one.jobId === jobId &&
            one.access.expiresAt * 1_000 > now().getTime() &&
            Object.hasOwn(one.access.urls, fileId),
        )
        .map(({ access }) => access)
        .sort((a, b) => b.expiresAt - a.expiresAt);
      return Promise.resolve(best && { url: best.urls[fileId] as string, token: best.token });
    },
    host: (jobId) => Promise.resolve(hosts.get(jobId)),
    see: (jobId, seenRevision) =>
      change(
        jobId,
        () => true,
        (job) => ({ ...job, seenRevision }),
      ),
    progress: async (jobId, step, run) => {
      const isOurs = ({ status, attempt, redrives = -1 }: Job): boolean =>
        !run ||
        (attempt === run.attempt && (redrives < run.redrives || (status === 'running' && redrives === run.redrives)));
      await change(
        jobId,
        (job) => (job.status === 'running' || job.status === 'failed') && isOurs(job),
        (job) => ({
          ...without(job, 'failure', 'closedAt'),
          ...{ status: 'running', step, stepAt: at(), updatedAt: at() },
          ...(run ? { redrives: run.redrives } : {}),
        }),
      );
    },
    claimFolder: (jobId, meetingUuid, folder) => {
      if ((folders.get(folder) ?? meetingUuid) !== meetingUuid) return Promise.resolve(false);
      folders.set(folder, meetingUuid);
      return change(
        jobId,
        () => true,
        (job) => ({ ...job, folder }),
      );
    },
    planFile: (planned) => {
      const list = files.get(planned.jobId) ?? new Map<string, JobFile>();
      files.set(planned.jobId, list);
      if (!list.has(planned.fileId)) list.set(planned.fileId, planned);
      return Promise.resolve(list.get(planned.fileId) as JobFile);
    },
    fileUpload: (jobId, fileId, uploadId) => changeFile(jobId, fileId, { uploadId }),
    fileReceived: (jobId, fileId, { bytes, crc32, contentType }) =>
      changeFile(jobId, fileId, { receivedBytes: bytes, crc32, ...(contentType ? { contentType } : {}) }),
    fileArchived: (jobId, fileId) => changeFile(jobId, fileId, { status: 'archived', archivedAt: at() }),
    fileMissing: (jobId, fileId, because) =>
      changeFile(jobId, fileId, { status: 'missing', missingBecause: because }, (file) => file.status !== 'archived'),
    addNote: async (jobId, note) => {
      await change(
        jobId,
        () => true,
        (job) => ({ ...job, notes: [...new Set([...job.notes, note])].sort() }),
      );
    },
    claimMail: (jobId, staleBefore) =>
      change(
        jobId,
        (job) => !job.mailSentAt && (!job.mailClaimedAt || job.mailClaimedAt < staleBefore.toISOString()),
        (job) => ({ ...job, mailClaimedAt: at() }),
      ),
    releaseMail: (jobId) =>
      change(
        jobId,
        (job) => !job.mailSentAt,
        (job) => without(job, 'mailClaimedAt'),
      ),
    mailSent: (jobId, mailId) =>
      change(
        jobId,
        () => true,
        (job) => ({ ...job, mailSentAt: at(), mailId }),
      ),
    close: (jobId, attempt, status, reason) =>
      change(
        jobId,
        (job) => may(job, status) && job.revision === job.seenRevision && job.attempt === attempt,
        (job) => ({
          ...without(job, 'failure'),
          status,
          ...(reason ? { reason } : {}),
          closedAt: at(),
          updatedAt: at(),
        }),
      ),
    fail: (jobId, attempt, failure, redrives) =>
      change(
        jobId,
        (job) =>
          may(job, 'failed') && job.attempt === attempt && (redrives === undefined || (job.redrives ?? -1) <= redrives),
        (job) => ({
          ...{ ...job, status: 'failed', failure, closedAt: at(), updatedAt: at() },
          ...(redrives === undefined ? {} : { redrives }),
        }),
      ),
    reopenForNews: (jobId, attempt, revision) =>
      change(
        jobId,
        (job) =>
          job.status === 'failed' &&
          job.attempt === attempt &&
          job.revision === revision &&
          job.seenRevision < revision,
        (job) => ({
          ...without(job, 'failure', 'closedAt', 'redrives'),
          ...{ status: 'running', attempt: attempt + 1, attemptAt: at(), seenRevision: revision },
        }),
      ),
    park: (eventId, reason, body) => {
      parked.push({ eventId, reason, body });
      return Promise.resolve();
    },
  };
  return { ...table, parked };
};
