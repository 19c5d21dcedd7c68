import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createS3 } from '../../../local/s3/server.ts';

// A process of its own, for tests that kill it or weigh it: `serve.ts FOLDER` prints its address.
const s3 = createS3({ folder: process.argv[2]!, region: 'us-east-1', report: console.error });
await s3.createBucket('recordings');
const server = createServer((request, response) => {
  if (request.url === '/-/peak-memory') response.end(String(process.resourceUsage().maxRSS * 1024));
  else void s3.service(request, response, new URL('http://127.0.0.1/'));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
