import type { SimulatedMeeting } from './meeting.ts';
import { pageOf } from './rest-call.ts';
import type { RestCall } from './rest-call.ts';
import { RestError } from './rest-error.ts';
import type { World } from './world.ts';

type Host = Pick<SimulatedMeeting, 'hostId' | 'hostEmail' | 'hostName' | 'timezone'>;

/** The users of the account are the hosts of its meetings; `me` is the first of them. */
export const findHost = (world: World, id: string): Host => {
  const host = world.library.all().find(({ hostId, hostEmail }) => id === 'me' || id === hostId || id === hostEmail);
  if (host === undefined) throw new RestError(404, 1001, `User does not exist: ${id}.`);
  return host;
};

/** GET /users/{id, address or me} */
export const describeUser = ({ world, id }: RestCall): unknown => {
  const { hostId, hostEmail, hostName, timezone } = findHost(world, id);
  const [first = '', ...others] = hostName.split(' ');
  return {
    id: hostId,
    email: hostEmail,
    first_name: first,
    last_name: others.join(' '),
    display_name: hostName,
    type: 2,
    status: 'active',
    dept: 'Product',
    timezone,
    group_ids: [],
    account_id: world.accountId,
  };
};

const pastMeeting = ({ world, id }: RestCall): SimulatedMeeting => {
  const meeting = world.library.get(id) ?? world.library.latest(id);
  // While the meeting runs, it is not a past one.
  if (meeting === undefined || meeting.running === true)
    throw new RestError(404, 3001, `Meeting does not exist: ${id}.`);
  return meeting;
};

const minutesOf = ({ joinTime, leaveTime }: { joinTime: string; leaveTime: string }): number =>
  Math.ceil((Date.parse(leaveTime) - Date.parse(joinTime)) / 60_000);

/** GET /meetings/{id}: the meeting as it was planned, by its number alone. */
export const describePlanned = ({ world, id }: RestCall): unknown => {
  const meeting = world.library.latest(id);
  if (meeting === undefined) throw new RestError(404, 3001, `Meeting does not exist: ${id}.`);
  return {
    ...{ id: meeting.id, uuid: meeting.uuid, host_id: meeting.hostId, host_email: meeting.hostEmail },
    ...{ topic: meeting.topic, type: meeting.type, start_time: meeting.startTime, timezone: meeting.timezone },
    ...{ duration: meeting.duration, status: 'waiting' },
    settings: { auto_recording: 'cloud', alternative_hosts: (meeting.alternativeHosts ?? []).join(';') },
  };
};

/** GET /past_meetings/{id or uuid} */
export const describeMeeting = (call: RestCall): unknown => {
  const meeting = pastMeeting(call);
  return {
    id: meeting.id,
    uuid: meeting.uuid,
    topic: meeting.topic,
    type: meeting.type,
    start_time: meeting.startTime,
    end_time: meeting.endTime,
    duration: meeting.duration,
    total_minutes: meeting.participants.reduce((sum, participant) => sum + minutesOf(participant), 0),
    participants_count: meeting.participants.length,
    host_id: meeting.hostId,
    user_email: meeting.hostEmail,
    user_name: meeting.hostName,
    dept: 'Product',
    source: 'Zoom',
    has_meeting_summary: meeting.files.some((file) => file.fileType === 'SUMMARY'),
  };
};

/** GET /past_meetings/{uuid}/participants: nothing where somebody was alone. */
export const listParticipants = (call: RestCall): unknown => {
  const { participants } = pastMeeting(call);
  const { items, figures } = pageOf(call, participants.length === 1 ? [] : participants);
  return {
    ...figures,
    participants: items.map((participant) => ({
      id: participant.id,
      name: participant.name,
      user_id: participant.userId,
      registrant_id: '',
      user_email: participant.email,
      join_time: participant.joinTime,
      leave_time: participant.leaveTime,
      duration: (Date.parse(participant.leaveTime) - Date.parse(participant.joinTime)) / 1000,
      failover: false,
      status: 'in_meeting',
    })),
  };
};
