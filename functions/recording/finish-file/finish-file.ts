import type { JobFile } from '../../../core/job/job.ts';
import { fitsType } from '../../../core/media/content.ts';
import { fileInput, type DownloadPlan, type FileInput } from '../../../core/media/plan.ts';
import { plannedFileOf } from '../../../core/media/planned-file.ts';
import { PermanentError } from '../../../core/step/errors.ts';

export const input = fileInput;

type Ports = {
  jobs: {
    file: (jobId: string, fileId: string) => Promise<JobFile | undefined>;
    fileArchived: (jobId: string, fileId: string) => Promise<unknown>;
    addNote: (jobId: string, note: string) => Promise<unknown>;
  };
  plans: { read: (planKey: string) => Promise<DownloadPlan> };
  archive: {
    head: (key: string) => Promise<{ bytes: number; crc32?: string | undefined } | undefined>;
    /** The first bytes of an object, fewer if it is shorter. */
    firstBytes: (key: string, count: number) => Promise<Buffer>;
  };
};

type Outcome = { readonly index: number; readonly outcome: 'archived' | 'missing' };

const signatureBytes = 512;

/** Looks at what lies in the archive, not at what was sent there; only then the file counts as archived. */
export const finishFile =
  ({ jobs, plans, archive }: Ports) =>
  async (task: FileInput): Promise<Outcome> => {
    const { jobId, index } = task;
    const { fileId } = await plannedFileOf(plans, task);
    const file = await jobs.file(jobId, fileId);
    if (!file) throw new PermanentError('BAD_INPUT', `planKey: the job has no file ${fileId}`);
    if (file.status !== 'planned') return { index, outcome: file.status };

    const complaint = await findFault(archive, file);
    if (complaint) throw new PermanentError('FILE_NOT_AS_EXPECTED', `${fileId}: ${complaint}`);
    // Zoom announces sizes that are somewhat off, of text above all: worth a look, not a reason to refuse the file.
    if (file.announcedBytes !== undefined && file.announcedBytes !== file.receivedBytes)
      await jobs.addNote(
        jobId,
        `${file.key}: Zoom announced ${file.announcedBytes} bytes and sent ${file.receivedBytes}.`,
      );
    await jobs.fileArchived(jobId, fileId);
    return { index, outcome: 'archived' };
  };

const findFault = async (archive: Ports['archive'], file: JobFile): Promise<string | undefined> => {
  if (file.receivedBytes === undefined || file.crc32 === undefined) return 'its bytes were never received';
  const head = await archive.head(file.key);
  if (!head) return 'it is not in the archive any more';
  if (head.bytes === 0) return 'the archived object is empty';
  if (head.bytes !== file.receivedBytes) return `${file.receivedBytes} bytes were received, ${head.bytes} are archived`;
  if (head.crc32 !== file.crc32) return 'the checksum of the archived object differs from that of the received bytes';
  const first = await archive.firstBytes(file.key, signatureBytes);
  if (!fitsType(file.extension, first)) return `its first bytes are not those of a ${file.extension} file`;
  return undefined;
};
