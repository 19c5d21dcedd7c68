import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StartTranscriptionJobCommand, TranscribeClient } from '@aws-sdk/client-transcribe';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { bootLocalCloud, until, type LocalCloud } from '../../fakes/local-cloud.ts';

jest.setTimeout(60_000);

let local: LocalCloud;
beforeAll(async () => {
  local = await bootLocalCloud();
});
afterAll(async () => {
  await local.close();
  local.remove();
});

test('the local cloud transcribes what lies in its bucket, and a rule hears of the end', async () => {
  const { gateway, deployment, events } = local.cloud;
  const target = deployment.functions.find(({ name }) => name.endsWith('-executionEnded'));
  const heard: unknown[] = [];
  const undo = local.interfere(async (key, payload, call) => {
    if (key !== 'executionEnded' || (payload as { source?: string }).source !== 'aws.transcribe') return call();
    heard.push(payload);
    return { payload: null };
  });
  events.putRule({
    name: 'transcription-ended',
    pattern: { source: ['aws.transcribe'], 'detail-type': ['Transcribe Job State Change'] },
    targets: [{ arn: target?.arn ?? '' }],
  });
  const client = new TranscribeClient({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
  const { s3, bucket } = local.look;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'jobs/talk.flac', Body: 'fLaC' }));
  await client.send(
    new StartTranscriptionJobCommand({
      TranscriptionJobName: 'talk',
      Media: { MediaFileUri: `s3://${bucket}/jobs/talk.flac` },
      LanguageCode: 'en-US',
      OutputBucketName: bucket,
      OutputKey: 'jobs/talk.json',
    }),
  );
  await until(() => heard.length > 0);
  expect(heard).toMatchObject([{ detail: { TranscriptionJobName: 'talk', TranscriptionJobStatus: 'COMPLETED' } }]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'jobs/talk.json' }));
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({ jobName: 'talk', status: 'COMPLETED' });
  undo();
  client.destroy();
});
