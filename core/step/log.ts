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

export const keepOutOfLogs = (...values: (string | undefined)[]): void => {
  for (const value of values) if (value && value.length >= shortestSecret) secretValues.add(value);
  // A warm function serves for hours: old values are dropped instead of growing for ever.
  while (secretValues.size > 500) secretValues.delete(secretValues.values().next().value as string);
};

const addresses = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const credentials = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi;
const queries = /(https?:\/\/[^\s?"']+)\?[^\s"']*/g;

export const redactText = (text: string): string => {
  let clean = text;
  for (const value of secretValues) clean = clean.replaceAll(value, '[redacted]');
  return clean.replace(credentials, '$1 [redacted]').replace(queries, '$1?[redacted]').replace(addresses, '[address]');
};

const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > 6) return '[deep]';
  if (value instanceof Error)
    return { name: value.name, message: redactText(value.message), stack: redactText(value.stack ?? '') };
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretNames.test(name) ? '[redacted]' : redact(item, depth + 1),
    ]),
  );
};

const write = (level: 'info' | 'warn' | 'error', message: string, fields: Fields): void => {
  const line = {
    level,
    at: new Date().toISOString(),
    message: redactText(message),
    ...(redact({ ...context, ...fields }) as Fields),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
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
