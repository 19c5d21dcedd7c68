import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { failures } from '../../core/step/failures.ts';
import { localCredentials, localRegion } from '../../local/gateway/credentials.ts';
import { zoomAppOf, type ZoomApp } from '../../local/zoom-app.ts';
import { bootLocalCloud, type LocalCloud } from '../fakes/local-cloud.ts';

jest.setTimeout(60_000);

let local: LocalCloud;
let app: ZoomApp;
beforeEach(async () => {
  local = await bootLocalCloud();
  app = zoomAppOf(local.folder);
});
afterEach(async () => {
  await local.close();
  local.remove();
});

/** What a person does in the console of Secrets Manager. */
const setZoomSecret = async (value: object): Promise<void> => {
  const [SecretId] = local.cloud.deployment.functions.flatMap(({ environment }) => environment.ZOOM_SECRET ?? []);
  const client = new SecretsManagerClient({
    endpoint: local.cloud.gateway.url,
    region: localRegion,
    credentials: localCredentials,
  });
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  client.destroy();
};

test('credentials that Zoom refuses fail the job with a next action; corrected, a redrive ends Done', async () => {
  const { webhookSecret, clientSecret, ...ids } = app;
  const webhookSecretTokens = [webhookSecret];
  await setZoomSecret({ webhookSecretTokens, ...ids, clientSecret: 'not the secret of this app' });
  const { meeting, announce, jobId } = local.record('Refused credentials');
  await announce('recording.completed');
  expect(await local.closed(jobId)).toMatchObject({
    status: 'failed',
    failure: { code: 'ZOOM_REFUSED', ...failures.ZOOM_REFUSED },
  });
  expect(local.downloads(meeting, 'main')).toEqual([]);

  await setZoomSecret({ webhookSecretTokens, ...ids, clientSecret });
  const executionArn = local.arnOf(`${jobId}-1`);
  await local.redrive(executionArn);
  expect(await local.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', attempt: 1 });
  expect(job.failure).toBeUndefined();
  expect(local.downloads(meeting)).toHaveLength(8);
  expect(await local.mailsAbout(meeting.topic)).toHaveLength(1);
});

test('an app that only has webhooks archives what they announce, and the job says for how long that works', async () => {
  await setZoomSecret({ webhookSecretTokens: [app.webhookSecret] });
  const { meeting, announce, jobId } = local.record('Webhooks alone');
  await announce('recording.completed');
  await announce('recording.transcript_completed');
  const job = await local.closed(jobId);
  expect(job).toMatchObject({ status: 'done', topic: meeting.topic });
  expect(job.notes).toContainEqual(expect.stringMatching(/Without REST credentials .*24 hours/));
  expect((await local.files(jobId)).filter((file) => file.endsWith(': archived'))).toHaveLength(9);
  expect(local.asked('token')).toBe(0);

  const late = local.record('Webhooks alone, too late');
  await late.announce('recording.completed', { tokenSeconds: -1 });
  expect(await local.closed(late.jobId)).toMatchObject({
    status: 'failed',
    failure: { code: 'DOWNLOAD_TOKEN_EXPIRED', ...failures.DOWNLOAD_TOKEN_EXPIRED },
  });

  // The redelivered event brings a token that lives.
  await late.announce('recording.completed');
  await local.redrive(local.arnOf(`${late.jobId}-1`));
  await local.ended(local.arnOf(`${late.jobId}-1`));
  expect(await local.closed(late.jobId)).toMatchObject({ status: 'done', attempt: 1 });
});
