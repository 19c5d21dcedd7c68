/** Deeper than any request needs. `JSON.parse` copes with more, but whoever walks the result recursively does not. */
const deepest = 40;

/** Says whether JSON text nests deeper than allowed, by one scan, before anything parses it. */
export const nestsTooDeep = (text: string, limit = deepest): boolean => {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 92) index += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
};

/** The text of UTF-8 bytes, or undefined if they are none. A byte order mark stays, and no JSON begins with one. */
export const decodeUtf8 = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
