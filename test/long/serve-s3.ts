import { startGateway } from '../../local/gateway/gateway.ts';
import { localRegion } from '../../local/gateway/credentials.ts';
import { createS3 } from '../../local/s3/server.ts';

// S3 behind the gateway, in a process of its own that can be weighed: `serve-s3.ts FOLDER` prints its address, and, when
// its input ends, the most memory it ever had, in bytes.
const s3 = createS3({ folder: process.argv[2]!, region: localRegion });
await s3.createBucket('recordings');
const gateway = await startGateway({ port: 0, services: { s3: s3.service } });
console.log(gateway.url);
process.stdin.resume().on('end', () => {
  // The kernel counts in KiB.
  console.log(process.resourceUsage().maxRSS * 1024);
  process.exit();
});
