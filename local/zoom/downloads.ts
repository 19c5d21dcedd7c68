import { answerWithFault, send, sendBadToken, sendGonePage, sendStorageError } from './answers.ts';
import { sendFile } from './file-body.ts';
import type { Located } from './meeting.ts';
import { bearerOf } from './bearer.ts';
import { secondsNow } from './world.ts';
import type { Exchange, World } from './world.ts';

/** The name that a person's download would have. */
const fileName = ({ file }: Located): string =>
  `GMT${file.start.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}_Recording.${file.extension.toLowerCase()}`;

/** A webhook's URL goes with its `download_token`, a REST URL with an access token or a `download_access_token`. */
const mayDownload = (world: World, exchange: Exchange, { meeting }: Located, fromWebhook: boolean): boolean => {
  const token = bearerOf(exchange.request);
  const kinds = fromWebhook ? (['webhook'] as const) : (['access', 'download'] as const);
  const claims = token === undefined ? undefined : world.tokens.read(token, ...kinds);
  return (
    claims !== undefined &&
    claims.exp > secondsNow(world) &&
    claims.accountId === world.accountId &&
    (claims.mid === undefined || claims.mid === meeting.uuid)
  );
};

/** /rec/webhook_download/{fileKey}/{eventKey} and /rec/download/{fileKey}: a redirect to the storage, as a rule. */
export const answerDownload = async (
  world: World,
  exchange: Exchange,
  fromWebhook: boolean,
  fileKey: string,
): Promise<void> => {
  const { response, record } = exchange;
  record.route = 'download';
  const located = world.library.byKey(fileKey);
  if (located === undefined) return sendGonePage(response);
  const { meeting, file } = located;
  record.fileId = file.id;

  const struck = world.faults.strike('download', {
    uuid: meeting.uuid,
    fileIds: [file.id],
    fromWebhook,
    range: exchange.request.headers.range,
  });
  if (answerWithFault(struck, 'download', world, exchange)) return;
  if (!mayDownload(world, exchange, located, fromWebhook)) return sendBadToken(world, response);
  if (world.library.isRemoved(meeting, file)) return sendGonePage(response);
  if (file.direct === true) {
    return sendFile(exchange, located, { ranges: world.habits.ranges, struck, disposition: fileName(located) });
  }
  const path = `/replay/${fileKey}/${fileName(located)}`;
  const query = world.tokens.signUrl(path, secondsNow(world) + world.habits.signedUrlSeconds);
  response.writeHead(302, { location: `${world.origins.storage}${path}?${query}`, 'content-length': 0 }).end();
};

/** The storage: its signed URL is all the permission there is, and a bearer token has no business here. */
export const answerStorage = async (world: World, exchange: Exchange): Promise<void> => {
  const { request, response, url, record } = exchange;
  record.route = 'storage';
  const located = world.library.byKey(url.pathname.split('/')[2] ?? '');
  if (located !== undefined) record.fileId = located.file.id;
  if (record.carriedAuthorization) {
    return sendStorageError(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'text/plain', 'Method not allowed');
  const expires = world.tokens.readUrl(url.pathname, url.searchParams);
  if (expires === undefined || located === undefined || expires <= secondsNow(world)) {
    return sendStorageError(response, 403, 'AccessDenied', 'Access denied');
  }
  const struck = world.faults.strike('storage', {
    uuid: located.meeting.uuid,
    fileIds: [located.file.id],
    range: request.headers.range,
  });
  if (answerWithFault(struck, 'storage', world, exchange)) return;
  if (world.library.isRemoved(located.meeting, located.file)) {
    return sendStorageError(response, 404, 'NoSuchKey', 'The specified key does not exist.');
  }
  return sendFile(exchange, located, { ranges: world.habits.ranges, struck });
};
