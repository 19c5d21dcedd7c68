import * as z from 'zod';
import { executions } from '../../../core/aws/executions.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { recordingMachine, recordingMachineConfig } from '../../../core/aws/machine.ts';
import { archiveConfig } from '../../../core/aws/objects.ts';
import { openUploads } from '../../../core/aws/open-uploads.ts';
import { readConfig } from '../../../core/step/config.ts';
import { listener } from '../../../core/step/listener.ts';
import { event, sweep } from './sweep.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...recordingMachineConfig, ...archiveConfig }));
const now = () => new Date();

export const handler = listener({
  name: 'sweep',
  event,
  run: sweep({
    jobs: openJobTable(config),
    machine: recordingMachine(config),
    executions: executions(config),
    uploads: openUploads(config),
    now,
  }),
});
