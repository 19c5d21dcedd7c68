import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../../local/root.ts';
import { until } from '../../fakes/local-cloud.ts';

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a local cloud that is killed leaves no container running, and nothing that a container has started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-ecs-host-'));
  const root = projectRoot();
  const host = spawn(
    process.execPath,
    [join(root, 'local/run.mjs'), join(root, 'test/local/ecs/host-a-task.ts'), folder],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids.every(isThere)).toBe(true);
    host.kill('SIGKILL');
    await until(() => !pids.some(isThere));
  } finally {
    host.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
