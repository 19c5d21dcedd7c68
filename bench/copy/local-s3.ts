import { readSignature } from '../../local/gateway/signature.ts';
import { verifySignature } from '../../local/gateway/verify-signature.ts';
import { localRegion } from '../../local/gateway/credentials.ts';
import { answerError } from '../../local/gateway/answer-error.ts';
import { createS3 } from '../../local/s3/server.ts';
import { listenOverTls } from './tls.ts';

/** The S3 of the local cloud behind TLS: signatures, lengths and checksums are verified and bytes reach the disk. */
const s3 = createS3({ folder: process.env.S3_FOLDER ?? '', region: localRegion });
await s3.createBucket('bench');

listenOverTls((request, response) => {
  const { method = '', url: target = '', rawHeaders } = request;
  const wire = { method, target, rawHeaders };
  const serve = async (): Promise<void> => {
    verifySignature(wire, readSignature(wire), undefined, Date.now());
    await s3.service(request, response, new URL(target, 'https://127.0.0.1'));
  };
  serve().catch((error: unknown) => answerError(response, 's3', error, 'bench'));
});
