/** The first bytes of a body to judge it by, and the whole body, first bytes included, to go on with. */
export const takeFirst = async (
  body: AsyncIterable<Buffer>,
  wanted: number,
): Promise<{ first: Buffer; whole: AsyncIterable<Buffer> }> => {
  const chunks = body[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let length = 0;
  while (length < wanted) {
    const next = await chunks.next();
    if (next.done) break;
    taken.push(next.value);
    length += next.value.length;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield* taken;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { first: Buffer.concat(taken).subarray(0, wanted), whole: whole() };
};
