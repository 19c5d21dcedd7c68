import { fileKeyOf, sizeOf } from './meeting.ts';
import type { SimulatedFile, SimulatedMeeting } from './meeting.ts';

/** A file as it stands in a listing or an event. `downloadUrl` differs between the two, and from event to event. */
export const fileShape = (
  meeting: SimulatedMeeting,
  file: SimulatedFile,
  options: { readonly origin: string; readonly downloadUrl: string; readonly from: 'event' | 'rest' },
): Record<string, unknown> => {
  const playUrl = `${options.origin}/rec/play/${fileKeyOf(meeting, file)}`;
  const link = file.filePath === undefined ? { download_url: options.downloadUrl } : { file_path: file.filePath };
  const times = { recording_start: file.start, recording_end: file.end };
  if (file.participant !== undefined) {
    return {
      id: file.id,
      ...times,
      file_type: file.fileType,
      file_name: `Audio only - ${file.participant}`,
      file_size: sizeOf(file),
      // REST leaves the extension out here.
      ...(options.from === 'event' ? { file_extension: file.extension } : {}),
      play_url: playUrl,
      ...link,
      status: file.status ?? 'completed',
    };
  }
  const common = { meeting_id: meeting.uuid, ...times, file_type: file.fileType, file_extension: file.extension };
  if (file.poor === true) return { ...common, ...link };
  const playable = file.extension === 'MP4' || file.extension === 'M4A' || file.fileType === 'TRANSCRIPT';
  return {
    id: file.id,
    ...common,
    file_size: sizeOf(file),
    ...(playable ? { play_url: playUrl } : {}),
    ...link,
    status: file.status ?? 'completed',
    recording_type: file.recordingType,
  };
};

/** `recording_files`, `participant_audio_files` and the two figures that count both. */
export const fileLists = (
  files: readonly SimulatedFile[],
  shape: (file: SimulatedFile) => Record<string, unknown>,
): Record<string, unknown> => {
  const tracks = files.filter((file) => file.participant !== undefined);
  return {
    total_size: files.reduce((sum, file) => sum + (file.poor === true ? 0 : sizeOf(file)), 0),
    recording_count: files.length,
    recording_files: files.filter((file) => file.participant === undefined).map(shape),
    ...(tracks.length === 0 ? {} : { participant_audio_files: tracks.map(shape) }),
  };
};
