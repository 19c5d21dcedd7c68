import type { AnnouncedFile, Announcement } from '../../core/job/announcement.ts';
import type { JobTable } from '../../core/job/table.ts';
import { zoomRecording, type ZoomRecording } from '../../core/zoom/recording.ts';

/** A recording for tests of single steps: its uuid, its start, and files as Zoom and as the job know them. */
export const meetingUuid = 'aDYlohsHRtCd4ii1uC2+hA==';
export const startTime = '2026-01-12T15:00:14Z';

export const announcedFile = (fileId: string, about: Partial<AnnouncedFile> = {}): AnnouncedFile => ({
  ...{
    fileId,
    zoomId: fileId,
    fileType: 'MP4',
    extension: 'mp4',
    view: `view_${fileId}`,
    status: 'ready',
    bytes: 1_000,
  },
  ...{ recordingStart: startTime, recordingEnd: '2026-01-12T15:31:47Z' },
  ...about,
});

export const announcementOf = (
  jobId: string,
  files: readonly AnnouncedFile[],
  about: Partial<Announcement> = {},
): Announcement => ({
  ...{ jobId, source: 'zoom', origin: 'webhook', meetingUuid, meetingId: '85746065432', accountId: 'account' },
  ...{ topic: 'Reading room', startTime, durationMinutes: 31, hostEmail: 'ada@example.org', reopens: true, files },
  ...about,
});

/** A file as Zoom lists it over REST. */
export const listedFile = (id: string, about: object = {}) => ({
  ...{
    id,
    file_type: 'MP4',
    file_extension: 'MP4',
    file_size: 1_000,
    status: 'completed',
    recording_type: `view_${id}`,
  },
  ...{ recording_start: startTime, recording_end: '2026-01-12T15:31:47Z', download_url: `https://zoom.us/rec/${id}` },
  ...about,
});

export const listingOf = (files: readonly object[], about: object = {}): ZoomRecording =>
  zoomRecording.parse({
    ...{ uuid: meetingUuid, id: 85746065432, account_id: 'account', topic: 'Reading room', start_time: startTime },
    ...{ duration: 31, host_email: 'ada@example.org', recording_files: files },
    ...about,
  });

/** Marks files of the job as copied, as DownloadPart and FinishFile do. */
export const archive = async (jobs: JobTable, jobId: string, fileIds?: readonly string[]): Promise<void> => {
  for (const { fileId, status } of await jobs.files(jobId)) {
    if (status !== 'planned' || (fileIds && !fileIds.includes(fileId))) continue;
    await jobs.fileReceived(jobId, fileId, { bytes: 1_000, crc32: 'AAAAAA==' });
    await jobs.fileArchived(jobId, fileId);
  }
};
