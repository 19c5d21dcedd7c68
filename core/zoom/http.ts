import type { AxiosRequestConfig } from 'axios';
import { parseJson, restCalls, type Rest } from '../rest/rest.ts';
import type { ZoomAnswer } from './errors.ts';

export const zoomHttp = (): Rest =>
  // A listing of 300 recordings stays below 2 MB.
  restCalls({ name: "Zoom's API", tooLong: 'ZOOM_CHANGED', timeoutMs: 15_000, mostBytes: 10 * 1_048_576 });

/** What an answer means is read by `meaningOf`. */
export const ask = async (http: Rest, request: AxiosRequestConfig): Promise<ZoomAnswer> => {
  const { status, headers, data } = await http(request);
  return { status, retryAfter: headers['retry-after'], body: parseJson(data) };
};
