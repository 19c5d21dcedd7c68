import type { IncomingMessage } from 'node:http';
import net, { isIP, type LookupFunction, type Socket } from 'node:net';
import tls from 'node:tls';
import { TransientError } from '../step/errors.ts';
import type { Body } from './reader.ts';

/** A connection that can be read past the HTTP parser, once that has seen the head of the response. */
export type Wire = {
  readonly socket: Socket;
  /** From the next bytes on, `take` gets them: valid during the call alone. False asks for a pause. */
  readonly divert: (take: (bytes: Buffer) => boolean) => void;
};

/** Of one read: a TLS record has 16 KiB at most, a socket gives 64. */
const readBytes = 65_536;

/**
 * Connects with one buffer for all that arrives. As Node's own streams pass a body on, in one new buffer and several
 * calls for every 16 KiB, receiving it costs twice the processor time of TLS itself.
 */
export const connectWire = ({ protocol, hostname, port }: URL, lookup: LookupFunction | undefined): Wire => {
  let take: ((bytes: Buffer) => boolean) | undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const options = {
    host,
    port: Number(port || (isTls ? 443 : 80)),
    ...(lookup && { lookup }),
    onread: {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (count: number, buffer: Uint8Array): boolean => {
        const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, count);
        if (take) return take(bytes);
        // Node's HTTP client listens for it. It may keep what it gets, so that gets bytes of its own.
        socket.emit('data', Buffer.from(bytes));
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
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let received = 0;
  let want: Want | undefined;
  let failure: Error | undefined;
  let isBehindHead = true;

  const settle = (by: (wanted: Want) => void): void => {
    const wanted = want;
    want = undefined;
    if (!wanted) return;
    clearTimeout(wanted.watch);
    by(wanted);
  };
  const fail = (error: Error): void => {
    failure ??= error;
    socket.destroy();
    settle(({ reject }) => reject(failure ?? error));
  };
  const keep = (bytes: Buffer): void => {
    waiting.push(Buffer.from(bytes));
    waitingBytes += bytes.length;
  };
  /** What came in one read with the head went through the parser, before anything that was diverted. */
  const takeFromParser = (): void => {
    if (!isBehindHead) return;
    isBehindHead = false;
    for (let bytes: Buffer | null; (bytes = response.read() as Buffer | null) !== null;) {
      received += bytes.length;
      keep(bytes);
    }
    if (received === length) socket.destroy();
  };
  const take = (read: Buffer): boolean => {
    takeFromParser();
    const bytes = read.length > length - received ? read.subarray(0, length - received) : read;
    received += bytes.length;
    const taken = want ? bytes.copy(want.into, want.at) : 0;
    if (taken < bytes.length) keep(bytes.subarray(taken));
    if (want) {
      want.at += taken;
      want.watch.refresh();
      if (want.at >= want.least || received === length) settle(({ resolve, at }) => resolve(at));
    }
    if (received === length) socket.destroy();
    return waitingBytes < mostWaiting;
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
    let at = from;
    for (let bytes = waiting[0]; bytes && at < into.length; bytes = waiting[0]) {
      const copied = bytes.copy(into, at);
      at += copied;
      waitingBytes -= copied;
      if (copied < bytes.length) waiting[0] = bytes.subarray(copied);
      else waiting.shift();
    }
    if (at >= least || (received === length && waiting.length === 0)) return at;
    if (failure) throw failure;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => fail(new TransientError(`${origin} sent nothing for ${idleMs} ms`));
      want = { into, at, least, resolve, reject, watch: setTimeout(giveUp, idleMs) };
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
