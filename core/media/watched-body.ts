import { TransientError } from '../step/errors.ts';
import { bodyOf, readerOf, type Body } from './reader.ts';

/** The worker has to stop, and what is in S3 by now is kept. */
export class OutOfTime extends Error {}

/** The same body, until the time is over. */
export const inTime = (body: Body, isOutOfTime: () => boolean): Body => {
  const { fill, close } = readerOf(body);
  const fillInTime = async (into: Buffer, at: number): Promise<number> => {
    if (isOutOfTime()) throw new OutOfTime('the time of this worker is over');
    return fill(into, at);
  };
  return bodyOf({ fill: fillInTime, close });
};

/** Without a length and without chunks a cut looks like an end; then Zoom's own word on the size must do. */
export async function* notShorterThan(
  announced: number | undefined,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    yield chunk;
  }
  if (announced !== undefined && total < announced)
    throw new TransientError(`the connection ended after ${total} of ${announced} announced bytes`);
}
