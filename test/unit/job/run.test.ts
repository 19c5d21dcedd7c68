import { expect, test } from '@jest/globals';
import { runOf } from '../../../core/job/run.ts';
import { jobIdOf, jobIdOfExecution } from '../../../core/keys.ts';

const arn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:machine:${name}`;
const jobId = jobIdOf('account', 'uuid');

test('an execution named after its job is the attempt in its name', () => {
  const about = { executionArn: arn(`${jobId}-3`), redriveCount: 2 };
  expect(runOf(jobId, about)).toEqual({ attempt: 3, redrives: 2 });
});

test('an execution that has made its job is the first attempt', () => {
  const executionArn = arn('by-hand');
  expect(runOf(jobIdOfExecution(executionArn), { executionArn, redriveCount: 0 })).toEqual({ attempt: 1, redrives: 0 });
});

test('an execution that a person started for a job that there was is none of its attempts', () => {
  expect(runOf(jobId, { executionArn: arn('by-hand'), redriveCount: 0 })).toBeUndefined();
  expect(runOf(jobId, { executionArn: arn(`${jobIdOf('account', 'other')}-1`), redriveCount: 0 })).toBeUndefined();
});
