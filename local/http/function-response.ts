export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Headers that belong to the connection, which is not the function's. */
const OURS = new Set(['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** What an HTTP API makes of a function's answer in payload format 2.0; undefined for an answer it cannot read. */
export const readResponse = (payload: unknown): HttpAnswer | undefined => {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) {
    // Without a status the whole answer is the body.
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(body) };
  }
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = '',
    isBase64Encoded = false,
  } = payload as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (typeof body !== 'string' || !isPlainObject(headers) || !Array.isArray(cookies)) return undefined;
  if (!cookies.every((cookie) => typeof cookie === 'string')) return undefined;

  const pairs: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    if (!OURS.has(name.toLowerCase())) pairs.push([name, String(value)]);
  }
  if (!pairs.some(([name]) => name.toLowerCase() === 'content-type'))
    pairs.push(['content-type', 'text/plain;charset=utf-8']);
  return {
    status,
    headers: [...pairs, ...cookies.map((cookie) => ['set-cookie', cookie] as const)],
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
};

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
