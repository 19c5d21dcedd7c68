/** Takes bytes where they are wanted, in place of handing them on piece by piece. */
export type Reader = {
  /** Puts bytes into the buffer from `at` on, until it is full or they end. Returns where it got to. */
  readonly fill: (into: Buffer, at: number) => Promise<number>;
  readonly close: () => Promise<unknown> | void;
};

/** Bytes on their way. They may be read once: as pieces, or, at less cost where it is there, by the reader. */
export type Body = AsyncIterable<Buffer> & { readonly reader?: Reader };

export const readerOf = (body: Body): Reader => body.reader ?? readerOfPieces(body);

const readerOfPieces = (body: AsyncIterable<Buffer>): Reader => {
  const pieces = body[Symbol.asyncIterator]();
  let piece: Buffer = Buffer.alloc(0);
  const fill = async (into: Buffer, from: number): Promise<number> => {
    let at = from;
    while (at < into.length) {
      if (piece.length === 0) {
        const next = await pieces.next();
        if (next.done) break;
        piece = next.value;
      }
      const copied = piece.copy(into, at);
      piece = piece.subarray(copied);
      at += copied;
    }
    return at;
  };
  return { fill, close: () => pieces.return?.() };
};

const pieceBytes = 65_536;

/** The same bytes in pieces, each of which is its reader's to keep. */
export async function* piecesOf({ fill, close }: Reader): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const end = await fill(piece, 0);
      if (end > 0) yield piece.subarray(0, end);
      if (end < pieceBytes) return;
    }
  } finally {
    await close();
  }
}

export const bodyOf = (reader: Reader): Body => ({ reader, [Symbol.asyncIterator]: () => piecesOf(reader) });
