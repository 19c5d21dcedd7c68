import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { PermanentError, TransientError } from '../step/errors.ts';
import type { FailureCode } from '../step/failures.ts';

type Service = {
  /** As a person knows it. */
  readonly name: string;
  /** What is wrong where its answer is longer than any that it should have. */
  readonly tooLong: FailureCode;
  readonly timeoutMs: number;
  readonly mostBytes: number;
};
export type RestAnswer = Pick<AxiosResponse<string>, 'status' | 'headers' | 'data'>;
export type Rest = (request: AxiosRequestConfig) => Promise<RestAnswer>;

/**
 * One request to a REST service, never repeated and never redirected; media never goes through it. Every status is an
 * answer. What throws carries nothing of the request, whose headers and body hold credentials.
 */
export const restCalls = ({ name, tooLong, timeoutMs, mostBytes }: Service): Rest => {
  const http = axios.create({
    timeout: timeoutMs,
    // No redirect belongs to these services; following one would send credentials elsewhere and buffer whole bodies.
    maxRedirects: 0,
    maxContentLength: mostBytes,
    maxBodyLength: mostBytes,
    proxy: false,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });
  return async (request) => {
    try {
      return await http.request<string>(request);
    } catch (error) {
      const { code, message } = axios.isAxiosError(error) ? error : { code: undefined, message: '' };
      // The same code stands for a connection that was cut, which is worth another try.
      if (message.startsWith('maxContentLength'))
        throw new PermanentError(tooLong, `the answer of ${name} is larger than ${mostBytes} bytes`);
      throw new TransientError(`${name} did not answer (${code ?? 'no code'})`);
    }
  };
};

/** Undefined where it is none. */
export const parseJson = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
};
