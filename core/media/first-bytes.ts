import { bodyOf, readerOf, type Body } from './reader.ts';

/** The first bytes of a body to judge it by, and the whole body, first bytes included, to go on with. */
export const takeFirst = async (body: Body, wanted: number): Promise<{ first: Buffer; whole: Body }> => {
  const { fill, close } = readerOf(body);
  const space = Buffer.alloc(wanted);
  const first = space.subarray(0, await fill(space, 0));
  let told = 0;
  const whole = bodyOf({
    fill: async (into, at) => {
      const copied = first.copy(into, at, told);
      told += copied;
      return fill(into, at + copied);
    },
    close,
  });
  return { first, whole };
};
