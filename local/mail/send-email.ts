import { randomBytes, randomUUID } from 'node:crypto';
import type { Address } from 'postal-mime';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { badRequest, bareAddress, requireVerified } from './addresses.ts';
import { rawContent } from './raw-content.ts';
import { composeMail, refuseOthers, simpleContent, type Header } from './simple-content.ts';

type Members = Record<string, unknown>;

const mostRecipients = 50;

/** A mail on its way into the store. */
export interface AcceptedMail {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  /** Those a sender chose: of a simple mail its Headers, of a raw one all. */
  readonly headers: readonly Header[];
  readonly tags: readonly Header[];
  /** What is told of the mail later goes where this name says. */
  readonly configurationSet?: string;
  readonly bytes: Buffer;
}

/** Shaped like SES's: time, uuid, counter. */
const newId = (now: number): string =>
  `0100${now.toString(16).padStart(12, '0')}-${randomBytes(4).toString('hex')}-${randomUUID().slice(9)}-000000`;

const list = (value: unknown, name: string): unknown[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badRequest(`${name} must be a list.`);
  return value;
};

const mailboxes = (addresses: readonly Address[] | undefined): string[] =>
  (addresses ?? [])
    .flatMap((entry) => ('group' in entry && entry.group ? entry.group : [entry]))
    .flatMap(({ address }) => (address ? [bareAddress(address)] : []));

const tagsOf = (tags: unknown[]): Header[] =>
  (tags as { Name?: unknown; Value?: unknown }[]).map((tag) => {
    const [name, value] = [tag?.Name, tag?.Value];
    const isTag = (text: unknown): text is string => typeof text === 'string' && /^[A-Za-z0-9_.@-]{1,256}$/.test(text);
    if (!isTag(name) || !isTag(value))
      throw badRequest('Name and Value of an email tag have 1 to 256 letters, digits, or _ - . @.');
    return { name, value };
  });

/** SendEmail of SES v2: checks as SES does, and returns the mail that would go out. */
export const acceptMail = async (
  input: Members,
  verifiedSenders: readonly string[],
  now: number,
  configurationSets: readonly string[] = [],
): Promise<AcceptedMail> => {
  refuseOthers(
    input,
    ['FromEmailAddress', 'Destination', 'ReplyToAddresses', 'Content', 'EmailTags', 'ConfigurationSetName'],
    'SendEmail',
  );
  const configurationSet = input['ConfigurationSetName'] as string | undefined;
  if (configurationSet !== undefined && !configurationSets.includes(configurationSet)) {
    throw new AwsError('NotFoundException', `Configuration set <${configurationSet}> does not exist.`, 404);
  }
  const tags = tagsOf(list(input['EmailTags'], 'EmailTags'));
  const destination = (input['Destination'] ?? {}) as Members;
  const recipients = (kind: string): string[] => list(destination[kind], `Destination.${kind}`).map(bareAddress);
  const given = { to: recipients('ToAddresses'), cc: recipients('CcAddresses'), bcc: recipients('BccAddresses') };
  const replyTo = list(input['ReplyToAddresses'], 'ReplyToAddresses').map(String);
  replyTo.forEach(bareAddress);

  const content = (input['Content'] ?? {}) as Members;
  refuseOthers(content, ['Simple', 'Raw'], 'Content of SendEmail');
  const { Simple: simple, Raw: raw } = content;
  if ((simple === undefined) === (raw === undefined)) throw badRequest('Content needs exactly one of Simple and Raw.');
  const id = newId(now);
  const sender = input['FromEmailAddress'] as string | undefined;
  const base = {
    ...{ id, time: new Date(now).toISOString(), tags },
    ...(configurationSet === undefined ? {} : { configurationSet }),
  };

  if (simple !== undefined) {
    if (sender === undefined) throw badRequest('FromEmailAddress is required.');
    requireVerified([bareAddress(sender)], verifiedSenders);
    checkCount(given);
    const { subject, headers, ...body } = simpleContent(simple as Members);
    const envelope = {
      id,
      date: new Date(now),
      from: sender,
      to: list(destination['ToAddresses'], '') as string[],
      cc: list(destination['CcAddresses'], '') as string[],
      replyTo,
    };
    return {
      ...base,
      from: bareAddress(sender),
      ...given,
      subject,
      headers,
      bytes: await composeMail(envelope, { subject, headers, ...body }),
    };
  }

  if (replyTo.length > 0) throw notSupported('ReplyToAddresses with Content.Raw');
  const { bytes, email } = await rawContent((raw as Members)['Data']);
  const inMail = { to: mailboxes(email.to), cc: mailboxes(email.cc), bcc: mailboxes(email.bcc) };
  const to = Object.values(given).some(({ length }) => length > 0) ? given : inMail;
  checkCount(to);
  const from = mailboxes(email.from ? [email.from] : []);
  if (from.length !== 1) throw badRequest("The header 'From' must hold one address.");
  requireVerified([...from, ...(sender === undefined ? [] : [bareAddress(sender)])], verifiedSenders);
  const headers = email.headers.map(({ originalKey, value }) => ({ name: originalKey, value }));
  return { ...base, from: from[0] ?? '', ...to, subject: email.subject ?? '', headers, bytes };
};

const checkCount = ({ to, cc, bcc }: Pick<AcceptedMail, 'to' | 'cc' | 'bcc'>): void => {
  const count = to.length + cc.length + bcc.length;
  if (count === 0) throw badRequest('Destination needs at least one recipient.');
  if (count > mostRecipients) throw badRequest(`Recipient count exceeds ${mostRecipients}.`);
};
