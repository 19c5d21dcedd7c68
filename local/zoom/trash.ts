import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';
import type { RestCall } from './rest-call.ts';
import { RestError, invalidField } from './rest-error.ts';

const doesNotExist = (): RestError => new RestError(404, 3301, 'This recording does not exist.');

/** Of `found`, what the call is about: the file that it names, or all of them. */
const chosen = (call: RestCall, found: (meeting: SimulatedMeeting) => readonly SimulatedFile[]) => {
  const { library } = call.world;
  const meeting = library.get(call.id) ?? library.latest(call.id);
  const files = meeting === undefined ? [] : found(meeting);
  const named = call.fileId === '' ? files : files.filter(({ id, poor }) => id === call.fileId && poor !== true);
  if (meeting === undefined || named.length === 0) throw doesNotExist();
  return { meeting, files: named };
};

/** DELETE of a recording or of one of its files: into the trash unless it is to be deleted for good. */
export const removeRecordings = (call: RestCall): undefined => {
  const { library, tell } = call.world;
  const action = call.query.get('action') ?? 'trash';
  if (action !== 'trash' && action !== 'delete') throw invalidField('action', 'The action must be trash or delete.');
  const done = chosen(call, (meeting) => [
    ...library.listed(meeting),
    // What lies in the trash already can only be deleted.
    ...(action === 'delete' ? library.trashed(meeting).map(({ file }) => file) : []),
  ]);
  if (action === 'trash') library.trash(done.meeting, done.files);
  else
    library.remove(
      done.meeting.uuid,
      done.files.map(({ id }) => id),
    );
  tell(action === 'trash' ? 'recording.trashed' : 'recording.deleted', done);
};

/** PUT of a recording's or a file's status: back from the trash. */
export const recoverRecordings = (call: RestCall): undefined => {
  const { library, tell } = call.world;
  const { action } = (call.body ?? {}) as { action?: unknown };
  if (action !== 'recover') throw invalidField('action', 'The action must be recover.');
  const done = chosen(call, (meeting) => library.trashed(meeting).map(({ file }) => file));
  library.recover(done.meeting, done.files);
  tell('recording.recovered', done);
};
