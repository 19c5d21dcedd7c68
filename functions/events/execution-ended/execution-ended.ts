import * as z from 'zod';
import { endedExecution, writeEnd, type EndPorts } from '../../../core/job/execution-end.ts';

/** "Step Functions Execution Status Change", as far as it is read here. */
export const event = z.object({ detail: endedExecution });

export const executionEnded = (ports: EndPorts) => {
  const write = writeEnd(ports);
  return ({ detail }: z.output<typeof event>): Promise<void> => write(detail);
};
