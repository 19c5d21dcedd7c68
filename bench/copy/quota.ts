import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A whole processor in Lambda's terms; less memory is a share of one. */
const memoryOfOneProcessor = 1_769;
const periodMicros = 20_000;

export type Quota = {
  /** Puts the shell that runs it, and all it starts, under the quota. */
  readonly prelude: string;
  readonly lift: () => void;
};

/** The share of a processor that Lambda gives to so much memory (MB), by a control group; undefined where none can be made. */
export const quotaOf = (memory: number): Quota | undefined => {
  const micros = Math.round((periodMicros * memory) / memoryOfOneProcessor);
  const name = `rapporteur-bench-${process.pid}`;
  const first = join('/sys/fs/cgroup/cpu', name);
  const second = join('/sys/fs/cgroup', name);
  const isSecond = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const group = isSecond ? second : first;
  try {
    mkdirSync(group);
    // The share is had, whatever else runs here: on Lambda nobody else takes of it.
    if (isSecond) {
      writeFileSync(join(group, 'cpu.max'), `${micros} ${periodMicros}`);
      writeFileSync(join(group, 'cpu.weight'), '10000');
    } else {
      writeFileSync(join(group, 'cpu.shares'), '100000');
      writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodMicros));
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(micros));
    }
  } catch {
    if (existsSync(group)) rmdirSync(group);
    return undefined;
  }
  return { prelude: `echo $$ > ${join(group, 'cgroup.procs')}`, lift: () => rmdirSync(group) };
};
