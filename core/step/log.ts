/**
 * One JSON line per log entry, with secrets taken out twice: by the name of a field and by value.
 * Adapters register each secret they fetch with `keepOutOfLogs`.
 */
type Fields = Record<string, unknown>;

const secretNames = /token|secret|password|passcode|authorization|cookie|credential|signature|email|topic|_url$|Url$/i;
const secretValues = new Set<string>();
const context: Fields = {};

/** Shorter values would blank out ordinary words. */
const shortestSecret = 6;
/** A warm function serves for hours: the values that were not seen for longest are dropped. */
const mostSecrets = 200;

export const keepOutOfLogs = (...values: (string | undefined)[]): void => {
  for (const value of values) {
    if (!value || value.length < shortestSecret) continue;
    secretValues.delete(value);
    secretValues.add(value);
  }
  while (secretValues.size > mostSecrets) secretValues.delete(secretValues.values().next().value as string);
};

/** Lengths are bounded, so that no text takes longer than its length deserves. */
const addresses = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu;
const credentials = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi;
const webTokens = /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g;
const logins = /(\w:\/\/)[^\s/@"']{1,256}@/g;
const queries = /(https?:\/\/[^\s?"']{1,2000})\?[^\s"']*/g;
const parameters = /\?[\w.~%-]{1,64}=[^\s"']*/g;

/** Far more than a sentence or a stack needs. */
const longestText = 16_000;

export const redactText = (text: string): string => {
  let clean = text;
  for (const value of secretValues) clean = clean.replaceAll(value, '[redacted]');
  // Cut after whole values were looked for, and before the patterns, whose time grows with the text.
  if (clean.length > longestText) clean = `${clean.slice(0, longestText)} [cut]`;
  return clean
    .replace(credentials, '$1 [redacted]')
    .replace(webTokens, '[redacted]')
    .replace(logins, '$1[redacted]@')
    .replace(queries, '$1?[redacted]')
    .replace(parameters, '?[redacted]')
    .replace(addresses, '[address]');
};

const deepest = 6;
const mostEntries = 100;

const redactError = (error: Error, depth: number): Fields => ({
  name: redactText(String(error.name)),
  message: redactText(String(error.message)),
  stack: redactText(String(error.stack ?? '')),
  // Only errors: other causes hold whatever a library thought useful, such as the whole body of a request.
  ...(error.cause instanceof Error ? { cause: redact(error.cause, depth + 1) } : {}),
  ...(error instanceof AggregateError ? { errors: redact(error.errors, depth + 1) } : {}),
});

const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > deepest) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Set) return redact([...value], depth);
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((item) => redact(item, depth + 1));
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, mostEntries).map(([name, item]) => {
      const isSecret = secretNames.test(String(name)) && item !== undefined;
      return [redactText(String(name)), isSecret ? '[redacted]' : redact(item, depth + 1)];
    }),
  );
};

const write = (level: 'info' | 'warn' | 'error', message: string, fields: Fields): void => {
  const head = { level, at: new Date().toISOString(), message: redactText(message) };
  let line: string;
  try {
    // Twice: first in the line, and last, so that no field takes its place.
    line = JSON.stringify({ ...head, ...(redact({ ...context, ...fields }) as Fields), ...head });
  } catch {
    // A value that cannot be read costs its fields, not the work that is being logged.
    line = JSON.stringify({ ...head, fields: '[not readable]' });
  }
  process.stdout.write(`${line}\n`);
};

export const log = {
  info: (message: string, fields: Fields = {}): void => write('info', message, fields),
  warn: (message: string, fields: Fields = {}): void => write('warn', message, fields),
  error: (message: string, fields: Fields = {}): void => write('error', message, fields),
};

/** Replaces what every following line carries: job, step, request. Called once per invocation. */
export const setLogContext = (fields: Fields): void => {
  for (const name of Object.keys(context)) delete context[name];
  Object.assign(context, fields);
};
