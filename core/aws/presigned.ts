import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** Long enough to begin with; whoever plays on for longer is given a new one. */
const secondsToStart = 15 * 60;

/** RFC 6266: the name in ASCII for old programs, and in UTF-8 for all others. */
const attachment = (name: string): string =>
  `attachment; filename="${name.replace(/[^\w. -]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}`;

/** Addresses at which objects of the archive can be had for a short while, by whoever has the address. */
export const presignedObjects = ({ archiveBucket: Bucket }: { archiveBucket: string }, client = new S3Client()) => {
  const url = (Key: string, saveAs?: string): Promise<string> =>
    getSignedUrl(
      client,
      new GetObjectCommand({ Bucket, Key, ...(saveAs ? { ResponseContentDisposition: attachment(saveAs) } : {}) }),
      { expiresIn: secondsToStart },
    );
  return {
    url,
    /** The one host that media comes from, as the SDK addresses it. */
    origin: async (): Promise<string> => new URL(await url('any')).origin,
  };
};
