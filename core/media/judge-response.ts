import type { IncomingHttpHeaders } from 'node:http';
import { describeRetryAfter } from '../zoom/retry-after.ts';
import { beginningOf, fitsType, hasSignature, looksLikeHtml } from './content.ts';

/**
 * What an answer of a download host means. Status alone says little: a deleted file and a dead token both come as
 * 200, with a page or with 59 bytes of JSON.
 */
export type Verdict =
  { readonly is: 'ok' } | { readonly is: 'gone' | 'refused' | 'transient' | 'wrong'; readonly because: string };

export type ResponseHead = { readonly status: number; readonly headers: IncomingHttpHeaders };
export type Expected = { readonly extension: string; readonly announcedBytes?: number | undefined };

/** Enough for every signature, and for the title of an error page. */
export const firstBytesWanted = 4_096;

type HostError = { status?: unknown; errorCode?: unknown; errorMessage?: unknown };

/** `{"status":false,"errorCode":124,"errorMessage":"Forbidden"}`. A real JSON file has no such keys at its top. */
const hostErrorIn = (first: Buffer): HostError | undefined => {
  const text = beginningOf(first);
  if (!text.startsWith('{') || first.length >= firstBytesWanted) return undefined;
  try {
    const value = JSON.parse(text) as HostError;
    return value.errorCode !== undefined || value.status === false ? value : undefined;
  } catch {
    return undefined;
  }
};

const titleOf = (first: Buffer): string => {
  const title = /<title[^>]*>([^<]*)/i.exec(first.toString('utf8'))?.[1]?.replace(/\s+/g, ' ').trim();
  return title ? ` titled "${title.slice(0, 100)}"` : '';
};

const goneCodes = new Set(['404', '3301']);

const judgeHostError = ({ errorCode, errorMessage }: HostError): Verdict => {
  const code = typeof errorCode === 'number' || typeof errorCode === 'string' ? String(errorCode) : 'none';
  const message = typeof errorMessage === 'string' ? ` (${errorMessage.slice(0, 100)})` : '';
  return { is: goneCodes.has(code) ? 'gone' : 'refused', because: `Zoom answered with error code ${code}${message}` };
};

const judgeStatus = ({ status, headers }: ResponseHead, now: Date): Verdict | undefined => {
  if (status === 200) return undefined;
  if (status === 404 || status === 410) return { is: 'gone', because: `Zoom answered ${status}` };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { is: 'transient', because: `Zoom answered ${status}${describeRetryAfter(headers['retry-after'], now)}` };
  if (status >= 300 && status < 400) return { is: 'refused', because: 'Zoom redirected too often, or nowhere' };
  if (status >= 400) return { is: 'refused', because: `Zoom answered ${status}` };
  return { is: 'transient', because: `Zoom answered ${status} where 200 was expected` };
};

const judgeEmpty = ({ announcedBytes }: Expected): Verdict =>
  announcedBytes === 0
    ? { is: 'gone', because: 'the file is empty at Zoom' }
    : { is: 'wrong', because: 'Zoom delivered no bytes' };

/** `first`: the first bytes of the body, or all of it when it is shorter. */
export const judgeResponse = (head: ResponseHead, first: Buffer, expected: Expected, now: Date): Verdict => {
  const hostError = hostErrorIn(first);
  if (hostError && head.status < 500 && head.status !== 429) return judgeHostError(hostError);
  const byStatus = judgeStatus(head, now);
  if (byStatus) return byStatus;
  const encoding = head.headers['content-encoding'] ?? 'identity';
  if (!/^(identity|(x-)?gzip)$/i.test(encoding))
    return { is: 'wrong', because: `Zoom encoded the file as ${encoding}` };
  if (first.length === 0) return judgeEmpty(expected);

  const fits = fitsType(expected.extension, first);
  const unsigned = hasSignature(expected.extension, first) === undefined;
  const saysHtml = /^\s*text\/html/i.test(head.headers['content-type'] ?? '');
  // A type without a signature of its own has nothing but the content type to tell a page's fragment by.
  const isPage = fits ? unsigned && saysHtml && !/^html?$/i.test(expected.extension) : saysHtml || looksLikeHtml(first);
  if (isPage) return { is: 'gone', because: `Zoom delivered a web page${titleOf(first)} in place of the file` };
  if (!fits) return { is: 'wrong', because: `the first bytes are not those of a ${expected.extension} file` };
  return { is: 'ok' };
};
