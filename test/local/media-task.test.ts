import { createHash } from 'node:crypto';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { jobIdOf, mergedKeysOf } from '../../core/keys.ts';
import { mediaTaskKey } from '../../core/job/media-task.ts';
import { toItem } from '../../core/job/items.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { sha256Of } from '../../local/zoom/content.ts';
import { contentOf } from '../../local/zoom/media.ts';
import type { SimulatedMeeting } from '../../local/zoom/meeting.ts';
import { sampleMeeting } from '../../local/zoom/sample-meeting.ts';
import { bootLocalCloud, until, type LocalCloud } from '../fakes/local-cloud.ts';
import { sized, smallMeeting } from '../fakes/meetings.ts';
import { pushedClock } from '../fakes/pushed-clock.ts';

jest.setTimeout(120_000);

/** A function is given a second, so that 25 MB in one piece are too much for it. */
const large = 30_000_000;
const cluster = 'rapporteur-local';
const switchedOn = {
  RAPPORTEUR_MEDIA_TASK: 'on',
  RAPPORTEUR_MEDIA_IMAGE: 'from-this-folder',
  RAPPORTEUR_FUNCTION_SECONDS: '1',
};

/** A meeting whose one film Zoom gives in one piece only, without saying how long it is. */
const record = (local: LocalCloud, topic: string) => {
  const meeting = smallMeeting(topic, { accountId: local.cloud.zoomAccountId });
  const film = meeting.files.find(({ fileType }) => fileType === 'MP4');
  const files = meeting.files.map((file) => (file === film ? sized(file, large) : file));
  const large1: SimulatedMeeting = { ...meeting, files };
  const fileId = film?.id ?? '';
  local.cloud.zoom.addMeeting(large1);
  local.cloud.zoom.inject({ route: 'storage', fileId, uuid: meeting.uuid, effect: { kind: 'unmeasured' } });
  return {
    meeting: large1,
    fileId,
    jobId: jobIdOf(meeting.accountId, meeting.uuid),
    announce: () => local.cloud.zoom.announce(meeting.uuid, 'recording.completed'),
  };
};

describe('with the media task switched on', () => {
  const clock = pushedClock();
  let local: LocalCloud;
  let ecs: ECSClient;
  beforeAll(async () => {
    local = await bootLocalCloud({ settings: switchedOn, clock });
    ecs = new ECSClient({ endpoint: local.cloud.gateway.url, region: localRegion, credentials: localCredentials });
  });
  afterAll(async () => {
    ecs.destroy();
    await local.close();
    local.remove();
  });

  const running = async (): Promise<string[]> => (await ecs.send(new ListTasksCommand({ cluster }))).taskArns ?? [];
  const taskOf = (jobId: string) =>
    local.cloud.ecs
      .tasks()
      .filter(({ overrides }) => JSON.stringify(overrides).includes(jobId))
      .sort((a, b) => a.createdAt - b.createdAt);
  const sha = async (key: string): Promise<string> => {
    const { Body } = await local.look.object(key);
    const hash = createHash('sha256');
    for await (const chunk of Body as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  };
  const sourceSha = (meeting: SimulatedMeeting, fileId: string): string => {
    const file = meeting.files.find(({ id }) => id === fileId);
    return file ? sha256Of(contentOf(file.content)) : '';
  };

  test('a film that is too much for a function is copied by a task, which is gone afterwards', async () => {
    const { meeting, fileId, jobId, announce } = record(local, 'One large film');
    await announce();
    expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
    const tasks = taskOf(jobId);
    expect(tasks).toHaveLength(1);
    const film = (await local.look.files(jobId)).find((file) => file.fileId === fileId);
    expect(film?.status).toBe('archived');
    expect(await sha(film?.key ?? '')).toBe(sourceSha(meeting, fileId));
    const [stopped] = await until(async () => {
      const found = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [tasks[0]?.arn ?? ''] }));
      return found.tasks?.[0]?.lastStatus === 'STOPPED' && found.tasks;
    });
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited' });
    expect(stopped?.containers?.[0]?.exitCode).toBe(0);
    expect(await running()).toEqual([]);
  });

  test('its task token is in its row, and neither in what ECS knows nor in a log', async () => {
    const { jobId, announce } = record(local, 'Where the token lies');
    await announce();
    await local.closed(jobId);
    const { Item } = await local.look.dynamoDb.send(
      new GetItemCommand({ TableName: local.look.table, Key: toItem(mediaTaskKey(jobId)) }),
    );
    const token = Item?.token?.S ?? '';
    expect(token).not.toBe('');
    expect(JSON.stringify(local.cloud.ecs.tasks())).not.toContain(token);
    expect(local.lines.filter((line) => line.includes(token))).toEqual([]);
  });

  test('a task that is killed is missed, another one does the work, and the recording is done', async () => {
    const { fileId, jobId, announce, meeting } = record(local, 'A task that dies');
    const stall = local.cloud.zoom.inject({
      ...{ route: 'storage', fileId, uuid: meeting.uuid, ranged: false, times: 1 },
      effect: { kind: 'stall', at: 20_000_000 },
    });
    await announce();
    const [first] = await until(() => stall.hits > 0 && taskOf(jobId));
    await until(() => local.cloud.ecs.pidsOf(first?.arn ?? '').length > 0);
    for (const pid of local.cloud.ecs.pidsOf(first?.arn ?? '')) process.kill(pid, 'SIGKILL');
    await until(() => taskOf(jobId)[0]?.lastStatus === 'STOPPED');
    expect(taskOf(jobId)[0]?.containers[0]?.exitCode).toBe(137);
    clock.push(180_000);
    expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
    stall.remove();
    expect(taskOf(jobId)).toHaveLength(2);
    expect(await local.files(jobId)).not.toContainEqual(expect.stringContaining('planned'));
    await until(async () => (await running()).length === 0);
  });

  test('an execution that is stopped takes its task along', async () => {
    const { fileId, jobId, announce, meeting } = record(local, 'A person stops it');
    const stall = local.cloud.zoom.inject({
      ...{ route: 'storage', fileId, uuid: meeting.uuid, ranged: false },
      effect: { kind: 'stall', at: 20_000_000 },
    });
    await announce();
    await until(() => stall.hits > 0);
    await local.look.sfn.send(new StopExecutionCommand({ executionArn: local.arnOf(`${jobId}-1`) }));
    await until(() => taskOf(jobId)[0]?.lastStatus === 'STOPPED');
    stall.remove();
    expect(taskOf(jobId)[0]).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: expect.stringContaining('STOPPED_BY_OPERATOR'),
    });
  });

  test('a merge that is too much for a function is made by a task, and the recording goes on with it', async () => {
    const whole = sampleMeeting({ uuid: 'merged-by-a-task-0001==', accountId: local.cloud.zoomAccountId });
    const tracks = whole.files.filter(({ participant }) => participant !== undefined);
    const others = smallMeeting('', {}).files.filter(({ fileType }) => fileType === 'TRANSCRIPT');
    const files = [...others, ...tracks.map((file) => sized(file, 300_000, 20))];
    local.cloud.zoom.addMeeting({ ...whole, topic: 'Three tracks', files });
    await local.cloud.zoom.announce(whole.uuid, 'recording.completed');
    const jobId = jobIdOf(whole.accountId, whole.uuid);
    const job = await local.closed(jobId);
    expect(job).toMatchObject({ status: 'done' });
    expect(taskOf(jobId)).toHaveLength(1);
    const { mixed } = mergedKeysOf(job.folder ?? '');
    expect(await local.look.keys(job.folder ?? '')).toContain(mixed);
  });

  test('without room it is tried again', async () => {
    const { jobId, announce } = record(local, 'No room at first');
    local.cloud.ecs.refuseCapacity(2, 'Capacity is unavailable at this time. Please try again later');
    await announce();
    expect(await local.closed(jobId)).toMatchObject({ status: 'done' });
    expect(taskOf(jobId)).toHaveLength(1);
  });
});

test('with the media task switched off the job says which switch to turn, and the other files are archived', async () => {
  const local = await bootLocalCloud({ settings: { RAPPORTEUR_FUNCTION_SECONDS: '1' } });
  try {
    const { jobId, announce } = record(local, 'No task');
    await announce();
    const job = await local.closed(jobId);
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'NEEDS_MEDIA_TASK' } });
    expect(job.failure?.action).toContain('RAPPORTEUR_MEDIA_TASK=on');
    const open = (await local.files(jobId)).filter((file) => !file.endsWith('archived'));
    expect(open).toHaveLength(1);
  } finally {
    await local.close();
    local.remove();
  }
});
