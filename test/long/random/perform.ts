import { jobIdOf } from '../../../core/keys.ts';
import type { SimulatedMeeting } from '../../../local/zoom/meeting.ts';
import type { AnnounceOptions } from '../../../local/zoom/simulator.ts';
import { meetingsOf } from './meetings.ts';
import type { Done } from './oracles.ts';
import { Gone, type RemoteCloud } from './remote.ts';
import type { Step } from './steps.ts';

const atLeastOnce = <Value>(list: readonly Value[], index: number): Value => list[index % list.length] as Value;

/** Does the steps, and remembers what of them decides about the end. */
export const createMeetingPlay = async (cloud: RemoteCloud) => {
  const { zoomAccountId, apiUrl } = cloud.hello();
  const meetings = meetingsOf(zoomAccountId);
  for (const meeting of meetings) await cloud.call('addMeeting', meeting);
  const accepted = new Map<string, Set<string>>();
  const announcements = new Map<string, number>();
  const denied = new Set<string>();
  const unexpected: string[] = [];
  let wasDisturbed = false;
  let mayHaveLostEvents = false;
  let startedByHand = 0;

  const choose = (meeting: SimulatedMeeting, files: 'all' | 'transcript' | number) => {
    const isLater = ({ later }: { later?: boolean }): boolean => later === true;
    if (files === 'all') return meeting.files.filter((file) => !isLater(file));
    if (files === 'transcript') return meeting.files.filter(isLater);
    return [atLeastOnce(meeting.files, files)];
  };

  const announce = async (step: Extract<Step, { do: 'announce' }>): Promise<void> => {
    const meeting = atLeastOnce(meetings, step.meeting);
    const files = choose(meeting, step.files);
    const isTranscript = files.every(({ later }) => later === true);
    const choice: AnnounceOptions = {
      fileIds: files.map(({ id }) => id),
      duplicate: step.twice,
      ...(step.token === 'none' ? { token: null } : {}),
      ...(step.token === 'expired' ? { tokenSeconds: -60 } : {}),
    };
    announcements.set(meeting.uuid, (announcements.get(meeting.uuid) ?? 0) + 1);
    const event = isTranscript ? 'recording.transcript_completed' : 'recording.completed';
    const outcomes = await cloud.call('announce', { uuid: meeting.uuid, event, choice });
    if (!outcomes.some(({ isAccepted }) => isAccepted)) return;
    const known = accepted.get(meeting.uuid) ?? new Set<string>();
    for (const { id } of files) known.add(id);
    accepted.set(meeting.uuid, known);
  };

  const expectStatus = (what: string, status: number | undefined, wanted: number): void => {
    // A broken or dead function answers 5xx or, in Zoom's 3 s, not at all: that is what makes Zoom send again.
    if (status !== wanted && status !== 0 && !(status !== undefined && status >= 500))
      unexpected.push(`${what} was answered with ${status}`);
  };
  const garbage = async (what: Extract<Step, { do: 'garbage' }>['what']): Promise<void> => {
    const event = JSON.stringify({ event: 'recording.completed', payload: {} });
    const direct = async (body: string, headers: Record<string, string>, wanted: number): Promise<void> => {
      const answer = await fetch(`${apiUrl}/zoom/webhook`, { method: 'POST', body, headers });
      await answer.text();
      expectStatus(what, answer.status, wanted);
    };
    const signed = async (body: string, wanted: number): Promise<void> => {
      const { statuses } = await cloud.call('post', body);
      expectStatus(what, statuses[0], wanted);
    };
    switch (what) {
      case 'unsigned':
        return direct(event, {}, 401);
      case 'badly signed':
        return direct(event, { 'x-zm-request-timestamp': '1', 'x-zm-signature': `v0=${'0'.repeat(64)}` }, 401);
      case 'too large':
        return direct('x'.repeat(1_100_000), {}, 413);
      case 'not JSON':
        return signed('{"event":', 400);
      case 'nonsense':
        return signed(event, 200);
      case 'unknown event':
        return signed(JSON.stringify({ event: 'meeting.sighed', payload: {} }), 200);
    }
  };

  const act = async (step: Step): Promise<unknown> => {
    switch (step.do) {
      case 'announce':
        return announce(step);
      case 'garbage':
        return garbage(step.what);
      case 'zoom fault': {
        const { uuid } = atLeastOnce(meetings, step.meeting);
        const { route, effect, skip, times } = step;
        // A page or 59 bytes of JSON mean that the file is gone, and 4xx that it is refused.
        if (effect.kind === 'html200') denied.add(uuid);
        return cloud.call('zoomFault', { route, effect, skip, times, ...(route === 'token' ? {} : { uuid }) });
      }
      case 'aws fault': {
        wasDisturbed = true;
        const { do: _, ...fault } = step;
        return cloud.call('awsFault', fault);
      }
      case 'event fate':
        // One that fails three times in a row is given up, as a lost one.
        mayHaveLostEvents ||= step.fate !== 'doubled';
        return cloud.call('eventFate', step.fate);
      case 'kill function':
        wasDisturbed = true;
        return cloud.call('killFunction', step.which);
      case 'kill cloud':
        wasDisturbed = true;
        await cloud.noteProcesses();
        return cloud.killAndStart();
      case 'stop':
        // A function that is stopped in the middle of its work leaves what a dead one would.
        wasDisturbed = true;
        return cloud.call('stop', step.which);
      case 'redrive':
        return cloud.call('redrive', step.which);
      case 'start by hand': {
        const { uuid } = atLeastOnce(meetings, step.meeting);
        startedByHand += 1;
        return cloud.call('start', { name: `by-hand-${startedByHand}`, input: { meetingUuid: uuid } });
      }
      case 'delete at Zoom': {
        const meeting = atLeastOnce(meetings, step.meeting);
        denied.add(meeting.uuid);
        return cloud.call('removeFiles', { uuid: meeting.uuid, fileIds: [atLeastOnce(meeting.files, step.file).id] });
      }
      case 'work':
        return cloud.call('work', step.invocations);
      case 'heal':
        return cloud.call('heal');
      case 'rest':
        return cloud.call('rest', 60_000);
      case 'hours pass':
        // Limits of executions strike those that are at work.
        wasDisturbed = true;
        return cloud.call('pass', step.hours * 3_600_000);
    }
  };

  return {
    meetings,
    unexpected,
    done: (): Done => ({ accepted, denied, announcements, wasDisturbed, mayHaveLostEvents }),
    perform: async (step: Step): Promise<void> => {
      try {
        await act(step);
      } catch (error) {
        if (error instanceof Gone) throw error;
        unexpected.push(`${JSON.stringify(step)} failed: ${String(error).split('\n')[0]}`);
      }
    },
    jobIdOf: (meeting: SimulatedMeeting): string => jobIdOf(meeting.accountId, meeting.uuid),
  };
};
