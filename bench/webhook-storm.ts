import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { executionNameOf, jobIdOf } from '../core/keys.ts';
import { lookInto } from '../local/clients.ts';
import { startCloud } from '../local/cloud.ts';
import type { InvokeFunction } from '../local/lambda-outcome.ts';
import { projectRoot } from '../local/root.ts';
import { zoomAppOf } from '../local/zoom-app.ts';
import { distinctMeeting, signedEvent, type SignedRequest } from './webhook-event.ts';
import { withScratch, writeEvents } from './invoke-handler.ts';

export type Storm = {
  readonly sent: number;
  readonly acknowledged: number;
  /** Milliseconds from the scheduled moment of each request to its answer. */
  readonly millis: readonly number[];
  /** How late the sender itself was, at most. */
  readonly latestSend: number;
  readonly jobs: number;
  readonly executions: number;
  readonly ended: number;
  readonly secondsToTheLastEnd: number;
};

type Answer = [status: number, millis: number, late: number];

const warmUp = 200;

type Options = { readonly count: number; readonly perSecond: number; readonly packageFolder: string };

/**
 * Sends that many signed announcements of distinct recordings to the local cloud, over HTTP, at a fixed rate, and looks
 * afterwards for the job and the execution of each. Two things are not as they would be. The first function of the started
 * machines is called when the last webhook was acknowledged: on AWS it does not share two cores with the webhook. Then
 * FetchMetadata runs for real, and its `download` is turned into `reject`, because a thousand recordings copied at once
 * on one machine would measure the copying.
 */
export const webhookStorm = ({ count, perSecond, packageFolder }: Options): Promise<Storm> =>
  withScratch(async (folder) => {
    const { webhookSecret, accountId } = zoomAppOf(folder);
    let release = (): void => undefined;
    const acknowledged = new Promise<void>((resolve) => (release = resolve));
    const cloud = await startCloud({
      folder,
      packageFolder,
      ports: { gateway: 0, api: 0, zoom: 0, zoomStorage: 0 },
      aroundInvoke: (invoke) => rejectingDownloads(invoke, acknowledged),
    });
    const look = lookInto(cloud);
    try {
      const meetings = Array.from({ length: count }, () => distinctMeeting(accountId));
      const requests = meetings.map((meeting) => signedEvent(webhookSecret, meeting));
      const url = `${cloud.api.url}/zoom/webhook`;
      const send = async (signed: readonly SignedRequest[]): Promise<Answer[]> => {
        const file = writeEvents(join(folder, 'requests.json'), signed);
        const sender = [join(projectRoot(), 'bench/send-requests.mjs'), url, file, String(perSecond)];
        const { stdout } = await promisify(execFile)(process.execPath, sender, { maxBuffer: 64 * 1_024 * 1_024 });
        return JSON.parse(stdout) as Answer[];
      };
      // Loaded environments and compiled code: a burst of cold starts on two cores is not what is asked here.
      await send(Array.from({ length: warmUp }, () => signedEvent(webhookSecret, distinctMeeting(accountId))));

      const startedAt = Date.now();
      const answers = await send(requests);
      release();

      const stateMachineArn = cloud.deployment.stateMachines[0]?.arn ?? '';
      const running = async (): Promise<number> => {
        const request = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 } as const;
        return (await look.sfn.send(new ListExecutionsCommand(request))).executions?.length ?? 0;
      };
      while ((await running()) > 0) await pause(200);
      const secondsToTheLastEnd = (Date.now() - startedAt) / 1_000;

      const jobIds = meetings.map((meeting) => jobIdOf(accountId, meeting.uuid));
      const rows = new Set((await look.jobs()).map(({ jobId }) => jobId));
      const statuses: (string | undefined)[] = [];
      for (const jobId of jobIds) {
        const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionNameOf(jobId, 1)}`;
        const found = await look.sfn.send(new DescribeExecutionCommand({ executionArn })).catch(() => undefined);
        if (found) statuses.push(found.status);
      }
      return {
        sent: answers.length,
        acknowledged: answers.filter(([status]) => status === 200).length,
        millis: answers.map(([, millis]) => millis),
        latestSend: Math.max(...answers.map(([, , late]) => late)),
        jobs: jobIds.filter((jobId) => rows.has(jobId)).length,
        executions: statuses.length,
        ended: statuses.filter((status) => status === 'SUCCEEDED').length,
        secondsToTheLastEnd,
      };
    } finally {
      look.close();
      await cloud.close();
    }
  });

const rejectingDownloads =
  (invoke: InvokeFunction, acknowledged: Promise<void>): InvokeFunction =>
  async (name, payload, signal) => {
    await acknowledged;
    const outcome = await invoke(name, payload, signal);
    const decided = outcome.payload as { jobId?: string; decision?: string } | undefined;
    if (decided?.decision !== 'download') return outcome;
    return { payload: { ...decided, decision: 'reject', reason: 'Skipped, because this is a benchmark.' } };
  };
