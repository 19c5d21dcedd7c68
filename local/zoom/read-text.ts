import type { IncomingMessage } from 'node:http';

/** The whole body as UTF-8; what is longer than the limit is an error. */
export const readText = async (message: IncomingMessage, limit: number): Promise<string> => {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of message as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limit) throw new Error(`A body of more than ${limit} bytes was sent to the Zoom simulator.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};
