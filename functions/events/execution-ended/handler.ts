import * as z from 'zod';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { mediaClusterConfig, mediaTasks } from '../../../core/aws/media-tasks.ts';
import { recordingMachine, recordingMachineConfig } from '../../../core/aws/machine.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { event, executionEnded } from './execution-ended.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...recordingMachineConfig, ...mediaClusterConfig }));

export const handler = listener({
  name: 'executionEnded',
  event,
  run: executionEnded({ jobs: openJobTable(config), machine: recordingMachine(config), tasks: mediaTasks(config) }),
});
