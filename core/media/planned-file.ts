import { PermanentError } from '../step/errors.ts';
import type { DownloadPlan, FileInput, PlannedFile } from './plan.ts';

export type PlanReader = {
  /** Reads and parses (`downloadPlan`) the plan under a key of the bucket. */
  read(planKey: string): Promise<DownloadPlan>;
};

/** The row of the plan that a worker was told to handle. */
export const plannedFileOf = async (plans: PlanReader, input: FileInput): Promise<PlannedFile> => {
  const plan = await plans.read(input.planKey);
  const file = plan.files.find(({ index }) => index === input.index);
  if (plan.jobId !== input.jobId) throw new PermanentError('BAD_INPUT', `jobId: the plan belongs to ${plan.jobId}`);
  if (!file) throw new PermanentError('BAD_INPUT', `index: the plan has no file ${input.index}`);
  return file;
};
