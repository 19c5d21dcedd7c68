import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { TranscribeClient } from '@aws-sdk/client-transcribe';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { transcribeApi } from '../../../core/aws/transcribe.ts';
import { healLeases } from '../../../core/lease/heal-leases.ts';
import { defaultWindowMs, openLeases } from '../../../core/lease/leases.ts';
import { startUnderLease } from '../../../core/lease/start-under-lease.ts';
import { startTranscription, transcriptionState } from '../../../core/transcription/transcribe/provider.ts';
import { localCredentials, localRegion } from '../../../local/gateway/credentials.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { createS3 } from '../../../local/s3/server.ts';
import { storeThrough } from '../../../local/transcribe/store-through.ts';
import { createTranscribe, type LocalTranscribe } from '../../../local/transcribe/transcribe.ts';
import { handClock } from '../../fakes/hand-clock.ts';
import { fakeLeaseRows } from '../../fakes/lease-rows.ts';

const bucket = 'archive';
let folder: string;
let hand: ReturnType<typeof handClock>;
let transcribe: LocalTranscribe;
let gateway: Gateway;
let s3: S3Client;
let client: TranscribeClient;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'many-meetings-'));
  hand = handClock('2026-01-12T16:00:00Z');
  const storage = createS3({ folder: join(folder, 's3'), region: localRegion });
  await storage.createBucket(bucket);
  transcribe = await createTranscribe({
    folder: join(folder, 'transcribe'),
    clock: hand.clock,
    takes: () => 60_000,
    store: () => storeThrough(s3),
    publish: async () => undefined,
  });
  gateway = await startGateway({ port: 0, services: { s3: storage.service, transcribe: transcribe.service } });
  const common = { endpoint: gateway.url, region: localRegion, credentials: localCredentials };
  s3 = new S3Client({ ...common, forcePathStyle: true });
  client = new TranscribeClient({ ...common, maxAttempts: 1 });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'talk.flac', Body: 'fLaC' }));
});
afterEach(async () => {
  await transcribe.close();
  client.destroy();
  s3.destroy();
  await gateway.close();
  await rm(folder, { recursive: true });
});

test('of 200 meetings Transcribe never has more than 50, and all are heard, though 20 go without a goodbye', async () => {
  const rows = fakeLeaseRows();
  const rules = { driver: 'transcribe', cap: 50, windowMs: defaultWindowMs };
  const leases = openLeases(rows, rules, () => hand.clock.now());
  const api = transcribeApi(client, client);
  const stateOf = async (name: string) => (await transcriptionState(api, name)).state;
  const start = (name: string) =>
    startTranscription(api, {
      TranscriptionJobName: name,
      Media: { MediaFileUri: `s3://${bucket}/talk.flac` },
      OutputBucketName: bucket,
      IdentifyLanguage: true,
    });
  const ports = { leases, start, state: stateOf };

  const waiting = new Set(Array.from({ length: 200 }, (_, meeting) => `meeting-${meeting}`));
  // Half of them go before they start anything, and are started again by the machine; half when it was started.
  const goesBefore = new Set([...waiting].filter((_, meeting) => meeting % 20 === 0));
  const goesAfter = new Set([...waiting].filter((_, meeting) => meeting % 20 === 10));
  const heard = new Set<string>();
  for (let round = 0; waiting.size > 0 && round < 20; round += 1) {
    const started = new Set<string>();
    await Promise.all(
      [...waiting].map(async (name) => {
        if (goesBefore.has(name)) {
          if ((await leases.acquire(name)) !== 'full') goesBefore.delete(name);
        } else if ((await startUnderLease(ports, name)) !== 'wait') started.add(name);
      }),
    );
    hand.moveTo(hand.clock.now() + defaultWindowMs);
    for (const name of started) {
      while ((await stateOf(name)) === 'running');
      if (!goesAfter.has(name)) await leases.release(name);
      waiting.delete(name);
      heard.add(name);
    }
    await healLeases(ports);
  }
  expect(heard.size).toBe(200);
  expect(transcribe.mostAtOnce()).toBeLessThanOrEqual(50);
  // Those who had a place and started nothing are missing.
  expect(transcribe.mostAtOnce()).toBeGreaterThan(40);
  expect(await rows.list('transcribe')).toEqual([]);
}, 60_000);
