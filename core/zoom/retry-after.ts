/** Seconds, an HTTP date or an ISO date: Zoom sends the last for daily limits. Undefined if it is none of them. */
export const retryAfterSeconds = (header: unknown, now: Date): number | undefined => {
  if (typeof header !== 'string' && typeof header !== 'number') return undefined;
  const text = String(header).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text));
  // Anything a date parser would guess at (a bare year, a word with a digit) is no answer.
  if (!/\d{4}.*\d\d:\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1_000));
};

/** For messages: the wait itself is the machine's business. */
export const describeRetryAfter = (header: unknown, now: Date): string => {
  const seconds = retryAfterSeconds(header, now);
  return seconds === undefined ? '' : `, asking for ${seconds} s of patience`;
};
