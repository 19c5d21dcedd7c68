// `node send-requests.mjs URL REQUESTS PER_SECOND`: posts the requests of a JSON file, each at its scheduled moment whether
// or not the earlier ones were answered. A process of its own, so that the cloud's work does not make it late. Prints, for
// each, the status, the milliseconds from the scheduled moment to the answer, and how late it was sent.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';

const [url, file, perSecond] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(file, 'utf8'));
const post = ({ headers, body }, due) =>
  new Promise((resolve) => {
    const late = performance.now() - due;
    const end = (status) => resolve([status, performance.now() - due, late]);
    const sent = request(
      url,
      // A connection each: a kept one may be closed by the server in the moment of its next use.
      { method: 'POST', agent: false, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode));
        response.on('error', () => end(0));
      },
    );
    sent.setTimeout(60_000, () => sent.destroy());
    sent.on('error', () => end(0));
    sent.end(body);
  });

const first = performance.now() + 500;
const answers = await Promise.all(
  requests.map(async (one, index) => {
    const due = first + (index * 1_000) / Number(perSecond);
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    return post(one, due);
  }),
);
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
