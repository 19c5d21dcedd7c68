import type { IncomingHttpHeaders } from 'node:http';
import { describeRetryAfter } from '../zoom/retry-after.ts';
import { beginningOf, fitsType, hasSignature, looksLikeHtml } from './content.ts';
import { contentRangeOf, lengthWithoutRange } from './content-range.ts';

/**
 * What an answer of a download host means. Status alone says little: a deleted file and a dead token both come as
 * 200, with a page or with 59 bytes of JSON.
 */
export type Verdict = { readonly is: 'ok' } | { readonly is: Fault; readonly because: string };
type Fault =
  | 'gone'
  | 'refused'
  | 'transient'
  | 'wrong'
  /** The address gives another file than it did: what was copied of the first one cannot be used. */
  | 'changed'
  /** The host answered a range with something that is not it. Its whole file may still be good. */
  | 'wrongRange'
  /** The right file, whole, where a part of it was asked for. */
  | 'rangeIgnored';

export type ResponseHead = { readonly status: number; readonly headers: IncomingHttpHeaders };
export type Expected = {
  readonly extension: string;
  readonly announcedBytes?: number | undefined;
  /** What was asked for, and what is known of the whole file from an earlier answer. */
  readonly range?: WantedRange | undefined;
};
export type WantedRange = {
  /** First and last byte, both included. */
  readonly from: number;
  readonly to?: number | undefined;
  readonly total?: number | undefined;
  readonly etag?: string | undefined;
};

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

/** Told by weak ones too: they promise less, but a different one is another file. */
const isOther = (etag: string | undefined, pinned: string | undefined): boolean =>
  etag !== undefined && pinned !== undefined && etag.replace(/^W\//, '') !== pinned.replace(/^W\//, '');

const changed = (because: string): Verdict => ({ is: 'changed', because });

/** A range was asked for and all of the right kind of file came. */
const judgeWhole = ({ headers }: ResponseHead, wanted: WantedRange): Verdict => {
  const length = headers['content-length'];
  if (isOther(headers.etag, wanted.etag)) return changed('Zoom has another file there by now');
  if (wanted.total !== undefined && length !== undefined && Number(length) !== wanted.total)
    return changed(`the file has ${length} bytes where it had ${wanted.total}`);
  return { is: 'rangeIgnored', because: 'Zoom sends the whole file where a range was asked for' };
};

const judgePart = ({ headers }: ResponseHead, wanted: WantedRange): Verdict | undefined => {
  const header = headers['content-range'];
  const got = contentRangeOf(header);
  if (isOther(headers.etag, wanted.etag)) return changed('Zoom has another file there by now');
  if (got?.total !== undefined && wanted.total !== undefined && got.total !== wanted.total)
    return changed(`the file has ${got.total} bytes where it had ${wanted.total}`);
  const total = wanted.total ?? got?.total ?? Infinity;
  const to = Math.min(wanted.to ?? Infinity, total - 1);
  const asked = `bytes=${wanted.from}-${wanted.to ?? ''}`;
  if (got?.from !== wanted.from || (to < Infinity && got.to !== to))
    return { is: 'wrongRange', because: `Zoom answered ${asked} with ${header?.slice(0, 100) ?? 'no range at all'}` };
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== got.to - got.from + 1)
    return { is: 'wrongRange', because: `Zoom answered ${asked} with ${length} bytes` };
  if (!/^identity$/i.test(headers['content-encoding'] ?? 'identity'))
    return { is: 'wrongRange', because: 'Zoom sent a range of the compressed file' };
  return undefined;
};

const judgeBeyond = ({ headers }: ResponseHead, { from }: WantedRange, expected: Expected): Verdict => {
  const total = lengthWithoutRange(headers['content-range']);
  return total === 0 && from === 0
    ? judgeEmpty(expected)
    : changed(`the file has ${total ?? 'not so many'} bytes, and byte ${from} was asked for`);
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

/** Where Zoom tells no size, as of captions, nothing says that there should be any bytes. */
const judgeEmpty = ({ announcedBytes = 0 }: Expected): Verdict =>
  announcedBytes === 0
    ? { is: 'gone', because: 'the file is empty at Zoom' }
    : { is: 'wrong', because: 'Zoom delivered no bytes' };

/** Fewer bytes than these, as of a probe for a single one, say nothing of the type. */
const tellingBytes = 16;

const judgeBytes = (head: ResponseHead, first: Buffer, expected: Expected): Verdict => {
  const fits = fitsType(expected.extension, first);
  const unsigned = hasSignature(expected.extension, first) === undefined;
  const saysHtml = /^\s*text\/html/i.test(head.headers['content-type'] ?? '');
  // A type without a signature of its own has nothing but the content type to tell a page's fragment by.
  const isPage = fits ? unsigned && saysHtml && !/^html?$/i.test(expected.extension) : saysHtml || looksLikeHtml(first);
  if (isPage) return { is: 'gone', because: `Zoom delivered a web page${titleOf(first)} in place of the file` };
  if (!fits) return { is: 'wrong', because: `the first bytes are not those of a ${expected.extension} file` };
  return { is: 'ok' };
};

/** `first`: the first bytes of the body, or all of it when it is shorter. */
export const judgeResponse = (head: ResponseHead, first: Buffer, expected: Expected, now: Date): Verdict => {
  const { range } = expected;
  const isPart = range !== undefined && head.status === 206;
  // The middle of a file may look like anything, and so may its first byte.
  const isTelling = !isPart || (range.from === 0 && first.length >= tellingBytes);
  const hostError = isTelling ? hostErrorIn(first) : undefined;
  if (hostError && head.status < 500 && head.status !== 429) return judgeHostError(hostError);
  if (range && head.status === 416) return judgeBeyond(head, range, expected);
  const fault = isPart ? judgePart(head, range) : judgeStatus(head, now);
  if (fault) return fault;
  const encoding = head.headers['content-encoding'] ?? 'identity';
  if (!/^(identity|(x-)?gzip)$/i.test(encoding))
    return { is: 'wrong', because: `Zoom encoded the file as ${encoding}` };
  if (first.length === 0) return judgeEmpty(expected);
  const verdict: Verdict = isTelling ? judgeBytes(head, first, expected) : { is: 'ok' };
  // In this order: a page in place of the file, as it comes for a dead token, has another length too.
  return range && !isPart && verdict.is === 'ok' ? judgeWhole(head, range) : verdict;
};
