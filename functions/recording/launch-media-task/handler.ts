import * as z from 'zod';
import { dynamoDb } from '../../../core/aws/dynamodb.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { mediaTaskConfig, mediaTasks } from '../../../core/aws/media-tasks.ts';
import { mediaTaskRows } from '../../../core/job/media-task.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { input, launchMediaTask } from './launch-media-task.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...mediaTaskConfig }));

export const handler = step({
  name: 'LaunchMediaTask',
  input,
  progress: openJobTable(config).progress,
  run: launchMediaTask({ rows: mediaTaskRows(dynamoDb(), config.jobTable), tasks: mediaTasks(config) }),
});
