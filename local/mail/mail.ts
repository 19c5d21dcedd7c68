import type { IncomingMessage, ServerResponse } from 'node:http';
import PostalMime from 'postal-mime';
import { notSupported } from '../gateway/aws-error.ts';
import { readBody } from '../gateway/body.ts';
import { systemClock, type Clock } from '../gateway/clock.ts';
import type { Service } from '../gateway/service.ts';
import { badRequest } from './addresses.ts';
import { openMailStore, type StoredMail } from './mail-store.ts';
import { mailboxPage, type OpenedMail } from './mailbox-page.ts';
import { feedbackOn, simulatorFate, type Fate, type FeedbackEvent } from './feedback.ts';
import { acceptMail, type AcceptedMail } from './send-email.ts';

export interface MailOptions {
  readonly folder: string;
  /** Addresses and domains that SES would let mail be sent from. */
  readonly verifiedSenders: readonly string[];
  /** Where `mailboxPage` is mounted. */
  readonly pagePath?: string;
  readonly clock?: Pick<Clock, 'now'>;
  /** Names under which mail can be sent, with what is told about it. */
  readonly configurationSets?: readonly { readonly name: string; readonly events: readonly string[] }[];
  /** Where that is told: EventBridge. */
  readonly publish?: (event: FeedbackEvent) => Promise<unknown>;
}

export interface LocalMail {
  /** SES v2; its scope name is `ses`. */
  readonly service: Service;
  /** Oldest first. */
  list(): Promise<readonly StoredMail[]>;
  read(id: string): Promise<OpenedMail | undefined>;
  mailboxPage(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Decides what becomes of the mail to an address, besides SES's own addresses for that. */
  decideFate(of: (address: string) => Fate): void;
}

/** SES takes 40 MB; base64 and JSON make that more. */
const bodyLimit = 56 * 1024 * 1024;
const largestMail = 40 * 1024 * 1024;

export const createMail = async ({
  folder,
  verifiedSenders,
  pagePath = '/mail',
  clock = systemClock,
  configurationSets = [],
  publish = () => Promise.resolve(),
}: MailOptions): Promise<LocalMail> => {
  const store = await openMailStore(folder);
  const names = configurationSets.map(({ name }) => name);
  let fateOf = (_address: string): Fate => undefined;

  /** SES has said that it took the mail; what it finds out then, it tells. */
  const tell = async (mail: AcceptedMail): Promise<void> => {
    const told = configurationSets.find(({ name }) => name === mail.configurationSet)?.events ?? [];
    for (const address of [...mail.to, ...mail.cc, ...mail.bcc]) {
      const fate = fateOf(address) ?? simulatorFate(address);
      if (fate && told.includes(fate === 'complaint' ? 'complaint' : 'bounce'))
        await publish(feedbackOn(mail, address, fate));
    }
  };

  const service: Service = async (request, response, url) => {
    if (request.method !== 'POST' || url.pathname !== '/v2/email/outbound-emails') {
      throw notSupported(`${request.method} ${url.pathname} of SES v2`);
    }
    const mail = await acceptMail(parse(await readBody(request, bodyLimit)), verifiedSenders, clock.now(), names);
    if (mail.bytes.length > largestMail) throw badRequest('Message length is more than 41943040 bytes long.');
    await store.add(mail);
    await tell(mail);
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
  const decideFate = (of: (address: string) => Fate): void => {
    fateOf = of;
  };
  return { service, list, read, decideFate, mailboxPage: mailboxPage({ list, read }, pagePath) };
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
