import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import type { Service } from '../../../local/gateway/service.ts';

let gateway: Gateway;
let s3: S3Client;
let ses: SESv2Client;
beforeAll(async () => {
  const accept: Service = async (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(request.url?.startsWith('/v2/') ? '{}' : '');
  };
  gateway = await startGateway({ port: 0, services: { s3: accept, ses: accept } });
  const config = { endpoint: gateway.url, region: localRegion, credentials: localCredentials, maxAttempts: 1 };
  s3 = new S3Client(config);
  ses = new SESv2Client(config);
});
afterAll(async () => {
  s3.destroy();
  ses.destroy();
  await gateway.close();
});

// Whole characters only: a lone surrogate is no UTF-8, so that no client could send it. Dots alone would be a folder to the URL.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((value) => !/^[./]+$/.test(value));
const ascii = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

test('whatever key, prefix and metadata the SDK signs for S3, the gateway finds the same signature', async () => {
  await fc.assert(
    fc.asyncProperty(text, ascii, async (key, value) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: 'bucket',
          Key: key,
          Body: value,
          Metadata: { note: value },
          ContentType: 'text/plain',
        }),
      );
      const { Body } = await s3.send(
        new GetObjectCommand({
          Bucket: 'bucket',
          Key: key,
          ResponseContentDisposition: `attachment; filename="${value}"`,
        }),
      );
      await Body?.transformToString();
      const list = await s3
        .send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: key, StartAfter: value }))
        .catch((error: Error) => error);
      // The empty answer is no XML; what matters is that it was not refused.
      expect((list as { name?: string }).name).not.toBe('SignatureDoesNotMatch');
    }),
    { numRuns: 100 },
  );
});

test('whatever stands in the path of another service, the gateway finds the same signature', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (EmailIdentity) => {
      await ses.send(new GetEmailIdentityCommand({ EmailIdentity }));
    }),
    { numRuns: 100 },
  );
});
