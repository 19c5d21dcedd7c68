/**
 * S3 lists keys by their UTF-8 bytes. JavaScript compares UTF-16 units, which differs only where a surrogate pair
 * (U+10000 and above) meets a unit above the surrogates (U+E000 to U+FFFF).
 */
export const compareKeys = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    return left >= 0xd800 && right >= 0xd800 && isSurrogate(left) !== isSurrogate(right)
      ? isSurrogate(left)
        ? 1
        : -1
      : left - right;
  }
  return a.length - b.length;
};

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** The index of the first key that is not below the given one. */
export const lowerBound = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const insertKey = (keys: string[], key: string): void => {
  const at = lowerBound(keys, key);
  if (keys[at] !== key) keys.splice(at, 0, key);
};

export const removeKey = (keys: string[], key: string): void => {
  const at = lowerBound(keys, key);
  if (keys[at] === key) keys.splice(at, 1);
};
