import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { PermanentError, TransientError } from '../step/errors.ts';
import type { ZoomAnswer } from './errors.ts';

const timeoutMs = 15_000;
/** A listing of 300 recordings stays below 2 MB. */
const mostBytes = 10 * 1_048_576;

/** The REST API speaks through this; media never does. Every status is an answer, to be read by `meaningOf`. */
export const zoomHttp = (): AxiosInstance =>
  axios.create({
    timeout: timeoutMs,
    // No redirect belongs to the API, and following one would buffer whole bodies.
    maxRedirects: 0,
    maxContentLength: mostBytes,
    maxBodyLength: mostBytes,
    proxy: false,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });

const parseJson = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
};

export const ask = async (http: AxiosInstance, request: AxiosRequestConfig): Promise<ZoomAnswer> => {
  try {
    const { status, headers, data } = await http.request<unknown>(request);
    return { status, retryAfter: headers['retry-after'], body: parseJson(data) };
  } catch (error) {
    // An error of axios carries the whole request, credentials included: nothing of it but its code goes on.
    const { code, message } = axios.isAxiosError(error) ? error : new AxiosError('', 'unknown');
    // The same code stands for a connection that was cut, which is worth another try.
    if (message.startsWith('maxContentLength'))
      throw new PermanentError('ZOOM_CHANGED', `the answer of Zoom is larger than ${mostBytes} bytes`);
    throw new TransientError(`Zoom's API did not answer (${code ?? 'no code'})`);
  }
};
