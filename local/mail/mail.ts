import type { IncomingMessage, ServerResponse } from 'node:http';
import PostalMime from 'postal-mime';
import { notSupported } from '../gateway/aws-error.ts';
import { readBody } from '../gateway/body.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import type { Service } from '../gateway/service.ts';
import { badRequest } from './addresses.ts';
import { openMailStore, type StoredMail } from './mail-store.ts';
import { mailboxPage, type OpenedMail } from './mailbox-page.ts';
import { acceptMail } from './send-email.ts';

export interface MailOptions {
  readonly folder: string;
  /** Addresses and domains that SES would let mail be sent from. */
  readonly verifiedSenders: readonly string[];
  /** Where `mailboxPage` is mounted. */
  readonly pagePath?: string;
  readonly clock?: Pick<Clock, 'now'>;
}

export interface LocalMail {
  /** SES v2; its scope name is `ses`. */
  readonly service: Service;
  /** Oldest first. */
  list(): Promise<readonly StoredMail[]>;
  read(id: string): Promise<OpenedMail | undefined>;
  mailboxPage(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** SES takes 40 MB; base64 and JSON make that more. */
const bodyLimit = 56 * 1024 * 1024;
const largestMail = 40 * 1024 * 1024;

export const createMail = async ({
  folder,
  verifiedSenders,
  pagePath = '/mail',
  clock = systemClock,
}: MailOptions): Promise<LocalMail> => {
  const store = await openMailStore(folder);

  const service: Service = async (request, response, url) => {
    if (request.method !== 'POST' || url.pathname !== '/v2/email/outbound-emails') {
      throw notSupported(`${request.method} ${url.pathname} of SES v2`);
    }
    const mail = await acceptMail(parse(await readBody(request, bodyLimit)), verifiedSenders, clock.now());
    if (mail.bytes.length > largestMail) throw badRequest('Message length is more than 41943040 bytes long.');
    await store.add(mail);
    const body = JSON.stringify({ MessageId: mail.id });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': mail.id,
    });
    response.end(body);
  };

  const list = async (): Promise<readonly StoredMail[]> => [...store.list()];
  const read = async (id: string): Promise<OpenedMail | undefined> => {
    const stored = store.list().find((mail) => mail.id === id);
    const bytes = await store.bytes(id);
    return stored && bytes && { ...stored, bytes, email: await PostalMime.parse(bytes) };
  };
  return { service, list, read, mailboxPage: mailboxPage({ list, read }, pagePath) };
};

const parse = (body: Buffer): Record<string, unknown> => {
  try {
    // A member that is null is a member that is absent.
    const input: unknown = JSON.parse(body.toString('utf8'), (_, value: unknown) =>
      value === null ? undefined : value,
    );
    if (typeof input === 'object' && input !== null) return input as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw badRequest('The request body must be one JSON object.');
};
