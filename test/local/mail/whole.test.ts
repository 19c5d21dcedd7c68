import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { bootLocalCloud, until, type LocalCloud } from '../../fakes/local-cloud.ts';
import { fileOf, smallMeeting } from '../../fakes/meetings.ts';

jest.setTimeout(120_000);

const settings = {
  RAPPORTEUR_MAIL_ALSO: 'alternative-hosts, library@university.edu, bounce@simulator.amazonses.com',
  RAPPORTEUR_MAIL_NEVER: 'students.university.edu',
  RAPPORTEUR_ALARM_MAIL: 'it@university.edu',
  RAPPORTEUR_MAIL_ON_SKIP: 'on',
  RAPPORTEUR_MAIL_ON_LATE_TRANSCRIPT: 'on',
  RAPPORTEUR_WANTED_TOPICS: '!Left out*',
};

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud({ settings });
});
afterAll(async () => {
  await local.close();
  local.remove();
});

const addressees = async (topic: string): Promise<string[]> =>
  (await local.mailsAbout(topic)).flatMap(({ to }) => to).sort();
const stopLink = async (topic: string, to: string): Promise<string> => {
  const mail = (await local.mailsAbout(topic)).find((one) => one.to.includes(to));
  return /^<(.+)>$/.exec(mail?.headers.find(({ name }) => name === 'List-Unsubscribe')?.value ?? '')?.[1] ?? '';
};
const stopRow = async (name: string) => {
  const { tables } = local.cloud.deployment;
  const TableName = tables.find(({ logicalId }) => logicalId === 'MailTable')?.name ?? '';
  const { Item } = await local.look.dynamoDb.send(
    new GetItemCommand({ TableName, Key: marshall({ pk: name, sk: 'STOPPED' }) }),
  );
  return Item && unmarshall(Item);
};

describe('mails on the whole', () => {
  test('go to the host and to those whom a rule names, one each, and lead to the page', async () => {
    const { meeting, announce, jobId } = local.record('One mail for each');
    await announce('recording.completed');
    await local.closed(jobId);
    expect(await addressees(meeting.topic)).toEqual(
      [meeting.hostEmail, 'bounce@simulator.amazonses.com', 'library@university.edu'].sort(),
    );
    for (const mail of await local.mailsAbout(meeting.topic))
      expect([mail.to.length, mail.cc, mail.bcc]).toEqual([1, [], []]);

    const [first] = await local.mailsAbout(meeting.topic);
    const opened = await local.cloud.mail.read(first?.id ?? '');
    const watch = /Watch the recording:\s+(\S+)/.exec(opened?.email.text ?? '')?.[1] ?? '';
    expect(opened?.email.html).toContain(watch.replace(/&/g, '&amp;'));
    expect((await fetch(watch)).status).toBe(200);
    expect((await fetch(watch.replace(/k=../, 'k=xx'))).status).toBe(403);
  });

  test('come back, and the address gets no more; the job says so without it', async () => {
    const { meeting, announce, jobId } = local.record('Second meeting');
    const before = await until(async () => {
      const jobs = await local.look.jobs();
      const notes = jobs.flatMap((one) => one.notes);
      return notes.find((note) => note.startsWith('A mail came back for good'));
    });
    const [, row = ''] = /\((ADDRESS#[0-9a-f]{40})\)\.$/.exec(before) ?? [];
    expect(await stopRow(row)).toMatchObject({ because: 'bounced' });

    await announce('recording.completed');
    const job = await local.closed(jobId);
    expect(await addressees(meeting.topic)).toEqual([meeting.hostEmail, 'library@university.edu'].sort());
    expect(job.notes).toContain(`No mail was sent to a further reader: an earlier mail to it came back (${row}).`);
    expect(JSON.stringify(await local.look.jobs())).not.toContain('simulator.amazonses.com');
  });

  test('stop by one click, which following the link is not, and come again when that is taken back', async () => {
    const link = await stopLink('Second meeting', 'library@university.edu');
    const looked = await fetch(link);
    expect([looked.status, (await looked.text()).includes('<form method="post">')]).toEqual([200, true]);

    const third = local.record('Third meeting');
    await third.announce('recording.completed');
    await local.closed(third.jobId);
    expect(await addressees('Third meeting')).toContain('library@university.edu');

    const click = (body: string) => fetch(link, { method: 'POST', body: new URLSearchParams(body) });
    expect((await click('List-Unsubscribe=One-Click')).status).toBe(200);
    const fourth = local.record('Fourth meeting');
    await fourth.announce('recording.completed');
    const job = await local.closed(fourth.jobId);
    expect(await addressees('Fourth meeting')).toEqual([fourth.meeting.hostEmail]);
    expect(job.notes.join()).toMatch(/No mail was sent to a further reader: whoever reads it has stopped these mails/);

    await click('again=1');
    const fifth = local.record('Fifth meeting');
    await fifth.announce('recording.completed');
    await local.closed(fifth.jobId);
    expect(await addressees('Fifth meeting')).toContain('library@university.edu');
  });

  test('tell of a late transcript once more, marked as an update, to each reader once', async () => {
    const whole = smallMeeting('Words come later', { accountId: local.cloud.zoomAccountId });
    const { meeting, announce, jobId } = local.recordThis({
      ...whole,
      files: whole.files.filter(({ fileType }) => fileType !== 'CC'),
    });
    await announce('recording.completed');
    await local.closed(jobId);
    const before = await addressees(meeting.topic);
    // The transcript is announced by itself.
    expect(local.downloads(meeting)).not.toContain(fileOf(meeting, 'TRANSCRIPT'));
    await announce('recording.transcript_completed', { duplicate: true });
    await local.closed(jobId, 2);
    const mails = await local.mailsAbout(meeting.topic);
    const updates = mails.filter(({ subject }) => subject.startsWith('Update: summary: '));
    const readers = [meeting.hostEmail, 'library@university.edu'].sort();
    expect(updates.flatMap(({ to }) => to).sort()).toEqual(readers);
    expect(mails).toHaveLength(before.length + readers.length);
  });

  test('reach alternative hosts whom Zoom names by address, but for those whom a rule bars', async () => {
    const { meeting, announce, jobId } = local.recordThis({
      ...smallMeeting('With alternative hosts', { accountId: local.cloud.zoomAccountId }),
      id: 84_498_765_432,
      alternativeHosts: ['deputy@university.edu', 'hJ7kL2mN9pQrStUvWxYz02', 'ada@cs.students.university.edu'],
    });
    await announce('recording.completed');
    const job = await local.closed(jobId);
    const reached = await addressees(meeting.topic);
    expect(reached.filter((one) => !/^(bounce|library)@/.test(one))).toEqual(
      [meeting.hostEmail, 'deputy@university.edu'].sort(),
    );
    expect(job.notes).toContain('The setting mailNever keeps the mail from 1 of its readers.');
  });

  test('tell operators and host of what failed, once', async () => {
    const { meeting, announce, jobId } = local.record('Gone from Zoom');
    local.cloud.zoom.inject({ route: 'recordings', uuid: meeting.uuid, effect: { kind: 'missing', as: '404' } });
    local.cloud.zoom.inject({ route: 'download', uuid: meeting.uuid, effect: { kind: 'missing', as: '404' } });
    await announce('recording.completed');
    const job = await local.closed(jobId);
    expect(job.status).toBe('failed');
    await until(async () => (await addressees(meeting.topic)).length === 2);
    expect(await addressees(meeting.topic)).toEqual([meeting.hostEmail, 'it@university.edu'].sort());
    const [mail] = await local.mailsAbout(meeting.topic);
    expect(mail?.subject).toMatch(/^Needs you: /);
  });

  test('tell a host of what a rule left out, where that is set', async () => {
    const { meeting, announce, jobId } = local.record('Left out of the archive');
    await announce('recording.completed');
    expect((await local.closed(jobId)).status).toBe('rejected');
    await until(async () => (await addressees(meeting.topic)).length > 0);
    expect(await addressees(meeting.topic)).toEqual([meeting.hostEmail]);
    expect((await local.mailsAbout(meeting.topic))[0]?.subject).toMatch(/^Not archived: /);
  });
});
