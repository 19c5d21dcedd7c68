import type { Announcement, AnnouncedFile } from '../../core/job/announcement.ts';
import { allowedBefore, type Job, type JobFile, type JobStatus } from '../../core/job/job.ts';
import type { JobMail } from '../../core/job/mail-rows.ts';
import type { JobMerge } from '../../core/job/merge-rows.ts';
import type { CleanUpDue } from '../../core/job/clean-up-rows.ts';
import type { JobTable } from '../../core/job/table.ts';

/**
 * The job table in memory, one atomic call after the other. That it behaves as the table on DynamoDB does is
 * proved by test/local/job-table.test.ts, which runs the same expectations against both.
 */
export const fakeJobs = (now: () => Date = () => new Date('2026-01-12T16:10:00Z')) => {
  const jobs = new Map<string, Job>();
  const files = new Map<string, Map<string, JobFile>>();
  const merges = new Map<string, Map<string, JobMerge>>();
  const alternatives = new Map<string, string[]>();
  const mails = new Map<string, Map<string, JobMail>>();
  const mailOf = (jobId: string, name: string): JobMail | undefined => mails.get(jobId)?.get(name);
  const announced = new Map<string, Map<string, AnnouncedFile>>();
  const accesses: { jobId: string; access: NonNullable<Announcement['access']> }[] = [];
  const hosts = new Map<string, string>();
  const folders = new Map<string, string>();
  const folderJobs = new Map<string, Set<string>>();
  const cleanUps = new Map<string, CleanUpDue>();
  const parked: { eventId: string; reason: string; body: string }[] = [];

  const at = (): string => now().toISOString();
  const addCleanUp = (due: Omit<CleanUpDue, 'sk'>, days: number): void => {
    const sk = `${new Date(now().getTime() + days * 86_400_000).toISOString()}#${due.jobId}`;
    cleanUps.set(sk, { ...due, sk });
  };
  const change = (jobId: string, holds: (job: Job) => boolean, set: (job: Job) => Job): Promise<boolean> => {
    const job = jobs.get(jobId);
    if (!job || !holds(job)) return Promise.resolve(false);
    jobs.set(jobId, set(job));
    return Promise.resolve(true);
  };
  const without = <Row extends object>(row: Row, ...names: (keyof Row)[]): Row => {
    const copy = { ...row };
    for (const name of names) delete copy[name];
    return copy;
  };
  const may = (job: Job, next: JobStatus): boolean => allowedBefore(next).includes(job.status);
  const replaceFile = (
    jobId: string,
    fileId: string,
    set: (file: JobFile) => JobFile,
    holds = (_file: JobFile): boolean => true,
  ): Promise<boolean> => {
    const file = files.get(jobId)?.get(fileId);
    if (!file || !holds(file)) return Promise.resolve(false);
    files.get(jobId)?.set(fileId, set(file));
    return Promise.resolve(true);
  };
  const changeFile = (
    jobId: string,
    fileId: string,
    set: Partial<JobFile>,
    holds?: (file: JobFile) => boolean,
  ): Promise<boolean> => replaceFile(jobId, fileId, (file) => ({ ...file, ...set }), holds);
  const uploadFields = ['uploadId', 'partBytes', 'expectedBytes', 'etag', 'workers', 'receivedBytes', 'crc32', 'contentType'] as const; // prettier-ignore
  const changeMerge = (jobId: string, name: string, set: (merge: JobMerge) => JobMerge): Promise<boolean> => {
    const merge = merges.get(jobId)?.get(name);
    if (merge?.status !== 'planned') return Promise.resolve(false);
    merges.get(jobId)?.set(name, set(merge));
    return Promise.resolve(true);
  };
  const defined = <Value extends object>(value: Value): Value =>
    Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
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
        ...(!job && announcement.executionArn ? { executionArn: announcement.executionArn } : {}),
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
          ...without(job, 'failure', 'closedAt', 'percent'),
          ...{ status: 'running', step, stepAt: at(), updatedAt: at() },
          ...(run ? { redrives: run.redrives } : {}),
        }),
      );
    },
    percent: (jobId, percent) =>
      change(
        jobId,
        () => true,
        (job) => ({ ...job, percent, updatedAt: at() }),
      ),
    merges: (jobId) =>
      Promise.resolve([...(merges.get(jobId)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))),
    planMerge: (merge) => {
      merges.set(merge.jobId, (merges.get(merge.jobId) ?? new Map<string, JobMerge>()).set(merge.name, merge));
      return Promise.resolve();
    },
    mergeProgress: (jobId, name, percent) => changeMerge(jobId, name, (merge) => ({ ...merge, percent })),
    mergeDone: (jobId, name, outputs) =>
      changeMerge(jobId, name, (merge) => ({
        ...without(merge, 'because'),
        ...{ status: 'done', percent: 100, outputs: [...outputs] },
      })),
    mergeFailed: (jobId, name, because) =>
      changeMerge(jobId, name, (merge) => ({ ...without(merge, 'percent'), status: 'failed', because })),
    claimFolder: (jobId, meetingUuid, folder) => {
      if ((folders.get(folder) ?? meetingUuid) !== meetingUuid) return Promise.resolve(false);
      folders.set(folder, meetingUuid);
      folderJobs.set(folder, (folderJobs.get(folder) ?? new Set<string>()).add(jobId));
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
    fileUpload: (jobId, fileId, upload, instead) =>
      replaceFile(
        jobId,
        fileId,
        (file) => ({ ...without(file, ...uploadFields), ...defined(upload) }),
        ({ status, uploadId }) => status === 'planned' && (uploadId === undefined || uploadId === instead),
      ),
    fileReset: (jobId, fileId, uploadId, because = {}) =>
      replaceFile(
        jobId,
        fileId,
        (file) => ({ ...without(file, ...uploadFields), ...because }),
        (file) => file.status === 'planned' && file.uploadId === uploadId,
      ),
    fileReceived: (jobId, fileId, { bytes, crc32, contentType }, uploadId) =>
      changeFile(
        jobId,
        fileId,
        { receivedBytes: bytes, crc32, ...(contentType ? { contentType } : {}) },
        (file) => uploadId === undefined || file.uploadId === uploadId,
      ),
    fileRound: (jobId, fileId, round) => changeFile(jobId, fileId, round),
    fileArchived: (jobId, fileId, about = {}) =>
      changeFile(jobId, fileId, { ...defined(about), status: 'archived', archivedAt: at() }),
    fileMissing: (jobId, fileId, because) =>
      changeFile(jobId, fileId, { status: 'missing', missingBecause: because }, (file) => file.status !== 'archived'),
    addNote: async (jobId, note) => {
      await change(
        jobId,
        () => true,
        (job) => ({ ...job, notes: [...new Set([...job.notes, note])].sort() }),
      );
    },
    dropNotes: async (jobId, notes) => {
      await change(
        jobId,
        () => true,
        (job) => ({ ...job, notes: job.notes.filter((note) => !notes.includes(note)) }),
      );
    },
    keepAlternativeHosts: (jobId, addresses) => {
      alternatives.set(jobId, [...addresses]);
      return change(
        jobId,
        () => true,
        (job) => ({ ...job, sealedAlternativeHosts: 'sealed' }),
      );
    },
    alternativeHosts: (jobId) => Promise.resolve([...(alternatives.get(jobId) ?? [])]),
    mails: (jobId) =>
      Promise.resolve([...(mails.get(jobId)?.entries() ?? [])].sort().map(([, mail]) => structuredClone(mail))),
    claimMail: (jobId, { kind, recipient }, _to, staleBefore) => {
      const row = mailOf(jobId, `${kind}#${recipient}`);
      if (row?.sentAt || (row?.claimedAt && row.claimedAt >= staleBefore.toISOString())) return Promise.resolve(false);
      const list = mails.get(jobId) ?? new Map<string, JobMail>();
      mails.set(jobId, list.set(`${kind}#${recipient}`, { kind, recipient, sealedTo: 'sealed', claimedAt: at() }));
      return Promise.resolve(true);
    },
    releaseMail: (jobId, { kind, recipient }) => {
      const row = mailOf(jobId, `${kind}#${recipient}`);
      if (!row || row.sentAt) return Promise.resolve(false);
      mails.get(jobId)?.set(`${kind}#${recipient}`, without(row, 'claimedAt'));
      return Promise.resolve(true);
    },
    mailSent: (jobId, { kind, recipient }, mailId) => {
      const row = mailOf(jobId, `${kind}#${recipient}`);
      if (row) mails.get(jobId)?.set(`${kind}#${recipient}`, { ...row, sentAt: at(), mailId });
      return Promise.resolve(row !== undefined);
    },
    mailsDone: (jobId, mailTold) =>
      change(
        jobId,
        () => true,
        (job) => ({ ...job, mailSentAt: at(), mailTold }),
      ),
    close: async (jobId, attempt, status, reason, { cleanUpAfterDays } = {}) => {
      const isClosed = await change(
        jobId,
        (job) => may(job, status) && job.revision === job.seenRevision && job.attempt === attempt,
        (job) => ({
          ...without(job, 'failure'),
          status,
          ...(reason ? { reason } : {}),
          closedAt: at(),
          updatedAt: at(),
        }),
      );
      if (isClosed && cleanUpAfterDays !== undefined)
        addCleanUp({ jobId, archivedUntil: at(), tries: 0 }, cleanUpAfterDays);
      return isClosed;
    },
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
    openJobs: (before) =>
      Promise.resolve(
        [...jobs.values()]
          .filter(({ status, attemptAt }) => status === 'running' && attemptAt < before.toISOString())
          .map(({ jobId, attempt, attemptAt, executionArn }) => defined({ jobId, attempt, attemptAt, executionArn }))
          .sort((a, b) => (a.attemptAt < b.attemptAt ? -1 : 1)),
      ),
    jobsOfFolder: (folder) => Promise.resolve([...(folderJobs.get(folder) ?? [])]),
    dueCleanUps: (most) =>
      Promise.resolve(
        [...cleanUps.values()]
          .filter(({ sk }) => sk < at())
          .sort((a, b) => (a.sk < b.sk ? -1 : 1))
          .slice(0, most),
      ),
    postponeCleanUp: ({ sk, ...due }, days) => {
      cleanUps.delete(sk);
      addCleanUp({ ...due, tries: due.tries + 1 }, days);
      return Promise.resolve();
    },
    finishCleanUp: ({ sk }) => Promise.resolve(void cleanUps.delete(sk)),
    fileCleaned: (jobId, fileId) =>
      changeFile(jobId, fileId, { cleanedAt: at() }, (file) => file.status === 'archived'),
    park: (eventId, reason, body) => {
      parked.push({ eventId, reason, body });
      return Promise.resolve();
    },
  };
  return { ...table, parked };
};
