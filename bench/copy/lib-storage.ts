import https from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** The way the SDK's documentation shows: a response given to Upload, with its defaults. */
const { SOURCE_URL: url = '', KEY: Key = '' } = process.env;
https.get(url, { agent: new https.Agent() }, (Body) => {
  const params = { Bucket: 'bench', Key, Body, ContentType: 'video/mp4' };
  new Upload({ client: new S3Client(), params }).done().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
