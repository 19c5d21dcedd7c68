// `node invoke-handler.mjs HANDLER EVENTS`: loads a packaged handler as Lambda's runtime does and gives it the events of a
// JSON file, one after the other. Writes to descriptor 3, for each, its time and the processor time of the whole process.
// Plain JavaScript, because it is started from this file's path and its own loading counts.
import { readFileSync, writeSync } from 'node:fs';

const [file, events] = process.argv.slice(2);
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 10_000 };
const cpu = () => process.cpuUsage().user + process.cpuUsage().system;
const { handler } = await import(file);
const results = [];
for (const event of JSON.parse(readFileSync(events, 'utf8'))) {
  const at = performance.now();
  const busy = cpu();
  const { statusCode } = await handler(event, context);
  results.push([statusCode, performance.now() - at, (cpu() - busy) / 1_000]);
}
writeSync(3, JSON.stringify({ cpuMillis: cpu() / 1_000, results }));
process.exit(0);
