/** Grey pictures, written bit by bit: one H.264 frame for the movies and one JPEG for the thumbnail. */

export const PICTURE = { width: 320, height: 180 };

const bitWriter = () => {
  const bits: number[] = [];
  const write = (value: number, width: number): void => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  return {
    write,
    /** Exp-Golomb code, the variable-length integer of H.264. */
    golomb: (value: number): void => {
      const width = 32 - Math.clz32(value + 1);
      write(0, width - 1);
      write(value + 1, width);
    },
    /** Ends with `stop` and fills the last byte with `fill`. */
    end: (stop: readonly number[], fill: 0 | 1): Buffer => {
      bits.push(...stop);
      while (bits.length % 8 !== 0) bits.push(fill);
      return Buffer.from(
        Array.from({ length: bits.length / 8 }, (_, index) =>
          bits.slice(index * 8, index * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
        ),
      );
    },
  };
};

const MACROBLOCK = 16;
const columns = Math.ceil(PICTURE.width / MACROBLOCK);
const rows = Math.ceil(PICTURE.height / MACROBLOCK);

/** Baseline profile, level 1.3, picture order type 2, every frame an IDR picture. */
export const sequenceParameters = (): Buffer => {
  const { write, golomb, end } = bitWriter();
  [0x67, 66, 0xc0, 13].forEach((byte) => write(byte, 8));
  [0, 0, 2, 0].forEach(golomb); // id, frame number of 4 bits, picture order type, no reference frames
  write(0, 1);
  golomb(columns - 1);
  golomb(rows - 1);
  write(0b11, 2); // frames only, direct 8x8 inference
  write(1, 1);
  [0, 0, 0, (rows * MACROBLOCK - PICTURE.height) / 2].forEach(golomb); // crop counts pairs of lines
  write(0, 1);
  return end([1], 0);
};

export const pictureParameters = (): Buffer => {
  const { write, golomb, end } = bitWriter();
  write(0x68, 8);
  [0, 0].forEach(golomb);
  write(0, 2); // CAVLC, no bottom-field order
  [0, 0, 0].forEach(golomb); // one slice group, one reference each way
  write(0, 3);
  [0, 0, 0].forEach(golomb); // quantiser offsets of 0
  write(0, 3);
  return end([1], 0);
};

/** One IDR slice: every macroblock is predicted flat and has no residue, which is mid-grey. One byte a macroblock. */
export const greyFrame = (pictureId: 1 | 2): Buffer => {
  const { write, golomb, end } = bitWriter();
  write(0x65, 8);
  [0, 7, 0].forEach(golomb); // first macroblock, I slices only, parameter set
  write(0, 4);
  golomb(pictureId); // neighbours must differ; 1 and 2 have codes of equal length
  write(0, 2);
  golomb(0);
  for (let block = 0; block < columns * rows; block++) {
    golomb(3); // Intra 16x16, DC prediction, no coefficients
    [0, 0, 0].forEach(golomb); // chroma DC prediction, quantiser unchanged, empty DC block
  }
  return end([1], 0);
};

const segment = (marker: number, ...payload: readonly number[]): Buffer =>
  Buffer.from([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 0xff, ...payload]);

/** One Huffman code, `0`, for one symbol, 0: "no difference" in the DC table and "end of block" in the AC table. */
const oneCodeTable = (tableClass: number): readonly number[] => [tableClass, 1, ...Array<number>(15).fill(0), 0];

/** A grey baseline JPEG: each 8x8 block takes two zero bits. */
export const greyJpeg = (width: number, height: number): Buffer => {
  const { write, end } = bitWriter();
  for (let block = 0; block < Math.ceil(width / 8) * Math.ceil(height / 8); block++) write(0, 2);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0),
    segment(0xdb, 0, ...Array<number>(64).fill(1)),
    segment(0xc0, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0),
    segment(0xc4, ...oneCodeTable(0x00)),
    segment(0xc4, ...oneCodeTable(0x10)),
    segment(0xda, 1, 1, 0x00, 0, 63, 0),
    end([], 1),
    Buffer.from([0xff, 0xd9]),
  ]);
};
