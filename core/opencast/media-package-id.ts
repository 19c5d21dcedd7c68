import { createHash } from 'node:crypto';

/**
 * The id under which a recording is in Opencast: the MD5 of its uuid in the form of a UUID, without the bits of a
 * version. So whoever ingests it twice finds it there, also where ZIP was first.
 */
export const mediaPackageIdOf = (meetingUuid: string): string =>
  createHash('md5')
    .update(meetingUuid, 'utf8')
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
