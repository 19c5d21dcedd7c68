import type { IncomingMessage } from 'node:http';
import net, { isIP, type LookupFunction, type Socket } from 'node:net';
import tls from 'node:tls';
import { TransientError } from '../step/errors.ts';
import type { Body } from './reader.ts';

/** A connection that can be read past the HTTP parser, once that has seen the head of the response. */
export type Wire = {
  readonly socket: Socket;
  /** From the next read on, `take` gets what arrives: the first bytes of a buffer that the next read overwrites. */
  readonly divert: (take: Take) => void;
};

/** False asks for a pause. */
type Take = (buffer: Buffer, count: number) => boolean;

/** Of one read: a TLS record has 16 KiB at most, a socket gives 64. */
const readBytes = 65_536;

/**
 * Connects with one buffer for all that arrives. As Node's own streams pass a body on, in one new buffer and several
 * calls for every 16 KiB, receiving it costs twice the processor time of TLS itself.
 */
export const connectWire = ({ protocol, hostname, port }: URL, lookup: LookupFunction | undefined): Wire => {
  let take: Take | undefined;
  const arrived = Buffer.allocUnsafeSlow(readBytes);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const options = {
    host,
    port: Number(port || (isTls ? 443 : 80)),
    ...(lookup && { lookup }),
    onread: {
      buffer: arrived,
      callback: (count: number): boolean => {
        if (take) return take(arrived, count);
        // Node's HTTP client listens for it. It may keep what it gets, so that gets bytes of its own.
        socket.emit('data', Buffer.from(arrived.subarray(0, count)));
        return true;
      },
    },
  };
  const socket: Socket = isTls
    ? tls.connect({ ...options, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) })
    : net.connect(options);
  return { socket, divert: (to) => (take = to) };
};

type Want = {
  readonly into: Buffer;
  at: number;
  /** Content with less than a full buffer. */
  readonly least: number;
  readonly resolve: (end: number) => void;
  readonly reject: (error: Error) => void;
  readonly watch: NodeJS.Timeout;
};

/** While nobody wants bytes, so many may wait; then the connection pauses. */
const mostWaiting = 262_144;

export type WireBody = {
  /** What the head of the response promised: neither more nor less is given. */
  readonly length: number;
  /** Time counts only while we wait for the source, not while a slow archive makes the source wait. */
  readonly idleMs: number;
  readonly origin: string;
  /** What is told of an error of the connection. */
  readonly explain: (error: unknown) => Error;
};

/**
 * The body of a response that has a length and nothing else to decode, straight from the wire into the reader's
 * buffers. To be called as soon as the head is there, before anything further is read from the connection.
 */
export const wireBody = (
  { socket, divert }: Wire,
  response: IncomingMessage,
  { length, idleMs, origin, explain }: WireBody,
): Body => {
  // One buffer for what waits, too: garbage of this kind is collected late, and a worker's memory is counted.
  let waiting = Buffer.allocUnsafeSlow(mostWaiting + 2 * readBytes);
  let first = 0;
  let last = 0;
  let received = 0;
  let want: Want | undefined;
  let failure: Error | undefined;
  let isBehindHead = true;

  const settle = (by: (wanted: Want) => void): void => {
    const wanted = want;
    want = undefined;
    if (!wanted) return;
    clearInterval(wanted.watch);
    by(wanted);
  };
  const fail = (error: Error): void => {
    failure ??= error;
    socket.destroy();
    settle(({ reject }) => reject(failure ?? error));
  };
  const keep = (bytes: Buffer, from: number, to: number): void => {
    if (last + to - from > waiting.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(waiting.length, last - first + to - from));
      last = waiting.copy(room, 0, first, last);
      first = 0;
      waiting = room;
    }
    last += bytes.copy(waiting, last, from, to);
  };
  /** What came in one read with the head went through the parser, before anything that was diverted. */
  const takeFromParser = (): void => {
    if (!isBehindHead) return;
    isBehindHead = false;
    for (let bytes: Buffer | null; (bytes = response.read() as Buffer | null) !== null;) {
      received += bytes.length;
      keep(bytes, 0, bytes.length);
    }
    if (received === length) socket.destroy();
  };
  // Called for every 16 KiB, so it makes nothing new while somebody waits for the bytes.
  const take: Take = (buffer, count) => {
    takeFromParser();
    const end = Math.min(count, length - received);
    received += end;
    const taken = want ? buffer.copy(want.into, want.at, 0, end) : 0;
    if (taken < end) keep(buffer, taken, end);
    if (want) {
      want.at += taken;
      if (want.at >= want.least || received === length) settle(({ resolve, at }) => resolve(at));
    }
    if (received === length) socket.destroy();
    return last - first < mostWaiting;
  };

  divert(take);
  socket.once('error', (error) => fail(explain(error)));
  socket.once('close', () => {
    takeFromParser();
    if (received < length) fail(explain(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
  // The parser takes it for an abort that no more comes its way.
  response.on('error', () => undefined);

  const read = async (into: Buffer, from: number, least: number): Promise<number> => {
    takeFromParser();
    const copied = waiting.copy(into, from, first, last);
    const at = from + copied;
    first += copied;
    if (first === last) first = last = 0;
    if (at >= least || (received === length && first === last)) return at;
    if (failure) throw failure;
    return new Promise((resolve, reject) => {
      let seen = received;
      const look = (): void => {
        if (received === seen) fail(new TransientError(`${origin} sent nothing for ${idleMs} ms`));
        seen = received;
      };
      want = { into, at, least, resolve, reject, watch: setInterval(look, idleMs) };
      socket.resume();
    });
  };

  const close = (): void => void socket.destroy();
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const piece = Buffer.allocUnsafe(readBytes);
        const end = await read(piece, 0, 1);
        if (end === 0) return;
        yield piece.subarray(0, end);
      }
    } finally {
      close();
    }
  }
  return {
    reader: { fill: (into, at) => read(into, at, into.length), close },
    [Symbol.asyncIterator]: pieces,
  };
};
