import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createMachine, loadMachine, readMachine } from '../../fakes/machine.ts';
import { failing } from './asl.ts';

const yaml = `
recording:
  name: recording
  definition:
    QueryLanguage: JSONata
    StartAt: FetchMetadata
    States:
      FetchMetadata:
        Type: Task
        Resource: !GetAtt fetchMetadata.Arn
        Arguments: { jobId: '{% $states.input.jobId %}' }
        Retry: &retry
          - { ErrorEquals: [PermanentError], MaxAttempts: 0 }
          - { ErrorEquals: [States.ALL], IntervalSeconds: 5, MaxAttempts: 3, JitterStrategy: FULL }
        Next: IsWanted
      IsWanted:
        Type: Choice
        Choices:
          - { Condition: '{% $states.input.wanted %}', Next: WaitForZoom }
        Default: Rejected
      WaitForZoom: { Type: Wait, Seconds: 900, Next: SendSummary }
      SendSummary:
        Type: Task
        Resource: !GetAtt sendSummary.Arn
        Retry: *retry
        Next: Done
      Done: { Type: Succeed }
      Rejected: { Type: Succeed }
`;

test('a machine file is run with fakes by function key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rapporteur-machine-'));
  try {
    const path = join(folder, 'recording.yml');
    writeFileSync(path, yaml);
    let attempts = 0;
    const machine = loadMachine(path, {
      fetchMetadata: () => (++attempts === 1 ? failing('TransientError') : { wanted: true }),
      sendSummary: () => ({ sent: true }),
    });
    const result = await machine.run({ jobId: 'j1' });
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { sent: true },
      visited: ['FetchMetadata', 'IsWanted', 'WaitForZoom', 'SendSummary', 'Done'],
      calls: { fetchMetadata: [{ jobId: 'j1' }, { jobId: 'j1' }], sendSummary: [{ wanted: true }] },
      seconds: 905,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a failed machine is redriven once the cause is gone', async () => {
  let isBroken = true;
  const machine = createMachine(readMachine(yaml), {
    fetchMetadata: () => ({ wanted: true }),
    sendSummary: () => (isBroken ? failing('PermanentError', 'NO_HOST: nobody to write to') : 'sent'),
  });
  const failed = await machine.run({ jobId: 'j1' });
  expect(failed).toMatchObject({ status: 'FAILED', error: 'PermanentError' });
  isBroken = false;
  const redriven = await failed.redrive();
  expect(redriven).toMatchObject({ status: 'SUCCEEDED', visited: ['SendSummary', 'Done'] });
  expect(Object.keys(redriven.calls)).toEqual(['sendSummary']);
});

test('a function without a fake is told by its key', async () => {
  const result = await createMachine(readMachine(yaml), {}).run({ jobId: 'j1' });
  expect(result.cause).toContain("no fake for the function 'fetchMetadata'");
});
