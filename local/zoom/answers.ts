import type { ServerResponse } from 'node:http';
import { isAnswerEffect } from './faults.ts';
import type { AnswerEffect, Route, Struck } from './faults.ts';
import type { Exchange, World } from './world.ts';

/** What the download host writes into the file of whoever does not look: exactly 59 bytes, with status 200. */
export const FORBIDDEN = '{"status":false,"errorCode":124,"errorMessage":"Forbidden"}';

const RATE_LIMITED = {
  code: 429,
  message: 'You have reached the maximum per-second rate limit for this API. Try again later.',
};

const GONE_PAGE = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Error - Zoom</title></head>
<body><h1>This recording does not exist.</h1><p>Error code: 3301</p></body></html>
`;

export const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => send(response, status, 'application/json;charset=UTF-8', JSON.stringify(body), headers);

/** Zoom's page for a file that is gone: status 200. */
export const sendGonePage = (response: ServerResponse): void =>
  send(response, 200, 'text/html;charset=utf-8', GONE_PAGE);

/** The storage speaks XML. */
export const sendStorageError = (response: ServerResponse, status: number, code: string, message: string): void =>
  send(
    response,
    status,
    'application/xml',
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );

export const sendBadToken = (world: World, response: ServerResponse): void => {
  switch (world.habits.badTokenAnswer) {
    case '401':
      return send(response, 401, 'application/json', FORBIDDEN);
    case 'json59':
      return send(response, 200, 'application/json', FORBIDDEN);
    case 'html200':
      return sendGonePage(response);
  }
};

const refuseToken = (route: Route, response: ServerResponse, message: string): void => {
  if (route === 'token')
    return sendJson(response, 401, { reason: 'Invalid client_id or client_secret', error: 'invalid_client' });
  if (route === 'storage') return sendStorageError(response, 403, 'AccessDenied', 'Access denied');
  if (route === 'download') return send(response, 401, 'application/json', FORBIDDEN);
  return sendJson(response, 401, { code: 124, message });
};

const retryAfter = (effect: Extract<AnswerEffect, { kind: 'rateLimited' }>, now: number): Record<string, string> => {
  if (effect.retryAfter === undefined) return {};
  const { form, seconds } = effect.retryAfter;
  const moment = new Date(now + seconds * 1000);
  const forms = {
    seconds: () => String(seconds),
    'http-date': () => moment.toUTCString(),
    iso: () => moment.toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return { 'retry-after': forms[form]() };
};

/** Gives the whole answer if one of the effects is such a one. */
export const answerWithFault = (
  struck: readonly Struck[],
  route: Route,
  world: World,
  { response, url }: Exchange,
): boolean => {
  const effect = struck.map((one) => one.effect).find(isAnswerEffect);
  if (effect === undefined) return false;
  switch (effect.kind) {
    case 'html200':
      sendGonePage(response);
      break;
    case 'json59':
      send(response, 200, 'application/json', FORBIDDEN);
      break;
    case 'unauthorized':
      refuseToken(route, response, 'Invalid access token.');
      break;
    case 'expiredToken':
      if (route === 'download') sendBadToken(world, response);
      else refuseToken(route, response, 'Access token is expired.');
      break;
    case 'rateLimited':
      sendJson(response, 429, RATE_LIMITED, retryAfter(effect, world.clock.now()));
      break;
    case 'error':
      if (route === 'storage') sendStorageError(response, effect.status, 'InternalError', 'Please try again.');
      else sendJson(response, effect.status, { code: effect.status, message: 'Internal server error.' });
      break;
    case 'missing':
      if (effect.as === 'html') sendGonePage(response);
      else if (route === 'storage') sendStorageError(response, 404, 'NoSuchKey', 'The specified key does not exist.');
      else sendJson(response, 404, { code: 3301, message: 'This recording does not exist.' });
      break;
    case 'redirect':
      response.writeHead(302, { location: effect.location }).end();
      break;
    case 'redirectLoop': {
      const again = new URL(url);
      again.searchParams.set('hop', String(Number(url.searchParams.get('hop') ?? 0) + 1));
      response.writeHead(302, { location: again.href }).end();
      break;
    }
  }
  return true;
};
