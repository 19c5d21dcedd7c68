import MailComposer from 'nodemailer/lib/mail-composer';
import { notSupported } from '../gateway/aws-error.ts';
import { badRequest } from './addresses.ts';

type Members = Record<string, unknown>;

const mostHeaders = 15;
/** Set by SES itself, so not to be set in Headers. */
const ownHeaders = new Set([
  'bcc', 'cc', 'content-disposition', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'reply-to', 'return-path', 'subject', 'to',
]); // prettier-ignore

export interface Header {
  readonly name: string;
  readonly value: string;
}

export interface SimpleContent {
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly headers: readonly Header[];
}

export const refuseOthers = (input: Members, known: readonly string[], of: string): void => {
  const other = Object.keys(input).find((name) => input[name] !== undefined && !known.includes(name));
  if (other !== undefined) throw notSupported(`The member ${other} of ${of}`);
};

const textOf = (content: unknown, name: string): string | undefined => {
  if (content === undefined) return undefined;
  const { Data, Charset } = content as { Data?: unknown; Charset?: unknown };
  if (typeof Data !== 'string' || Data.trim() === '') throw badRequest(`${name} must not be empty.`);
  // Without a Charset SES takes the text for 7-bit ASCII, and whoever reads the mail sees question marks.
  if (Charset === undefined && /[^\0-\x7f]/.test(Data))
    throw badRequest(`${name} is not 7-bit ASCII and has no Charset.`);
  return Data;
};

const headerOf = (header: unknown): Header => {
  const { Name: name, Value: value } = (header ?? {}) as { Name?: unknown; Value?: unknown };
  if (typeof name !== 'string' || !/^[!-9;-~]{1,126}$/.test(name)) {
    throw badRequest('The name of a header has 1 to 126 printable ASCII characters, no colon among them.');
  }
  if (typeof value !== 'string' || !/^[\x20-\x7e]{1,995}$/.test(value) || name.length + value.length > 996) {
    throw badRequest(
      `The value of the header ${name} has 1 to 995 printable ASCII characters, 996 together with its name.`,
    );
  }
  if (ownHeaders.has(name.toLowerCase()))
    throw badRequest(`The header ${name} is set by SES and must not be among Headers.`);
  return { name, value };
};

/** Validates `Content.Simple` of SendEmail. */
export const simpleContent = (simple: Members): SimpleContent => {
  refuseOthers(simple, ['Subject', 'Body', 'Headers'], 'Content.Simple of SendEmail');
  const subject = textOf(simple['Subject'], 'Subject');
  if (subject === undefined) throw badRequest('Subject is required.');
  if (/[\r\n]/.test(subject)) throw badRequest('Subject must not contain line breaks.');
  const body = (simple['Body'] ?? {}) as Members;
  const text = textOf(body['Text'], 'Body.Text');
  const html = textOf(body['Html'], 'Body.Html');
  if (text === undefined && html === undefined) throw badRequest('Body needs Text or Html.');
  const headers = (simple['Headers'] ?? []) as unknown[];
  if (!Array.isArray(headers) || headers.length > mostHeaders)
    throw badRequest(`Headers holds at most ${mostHeaders} headers.`);
  return { subject, text, html, headers: headers.map(headerOf) };
};

export interface Envelope {
  readonly id: string;
  readonly date: Date;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
}

/** The mail as SES would build it (RFC 5322). */
export const composeMail = ({ id, date, from, to, cc, replyTo }: Envelope, content: SimpleContent): Promise<Buffer> =>
  new MailComposer({
    from,
    to: [...to],
    cc: [...cc],
    replyTo: [...replyTo],
    date,
    messageId: `<${id}@email.amazonses.com>`,
    subject: content.subject,
    text: content.text,
    html: content.html,
    headers: content.headers.map(({ name, value }) => ({ key: name, value })),
    newline: '\r\n',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
