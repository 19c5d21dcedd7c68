/** Text that somebody else wrote as one line: no control characters, none that turn the direction of what follows. */
export const plain = (text: string, longest: number): string => {
  const clean = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g, '')
    .trim();
  if (clean.length <= longest) return clean;
  // Not in the middle of a character.
  return `${clean
    .slice(0, longest - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
};
