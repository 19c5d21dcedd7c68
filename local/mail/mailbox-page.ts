import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Email } from 'postal-mime';
import { escapeXml as escape } from '../gateway/answer-error.ts';
import type { StoredMail } from './mail-store.ts';
import { mailboxStyle } from './mailbox-style.ts';

export interface Mailbox {
  list(): Promise<readonly StoredMail[]>;
  read(id: string): Promise<OpenedMail | undefined>;
}
export interface OpenedMail extends StoredMail {
  readonly bytes: Buffer;
  readonly email: Email;
}

/** A mail's own HTML inherits this policy: inline styles, pictures inside the mail, nothing from anywhere else, no script. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${mailboxStyle}</style><main>${content}</main></html>`;

const when = (time: string): string =>
  `<time datetime="${escape(time)}">${escape(time.slice(0, 19).replace('T', ' '))} UTC</time>`;

const listPage = (mails: readonly StoredMail[], path: string): string => {
  const rows = [...mails]
    .reverse()
    .map(
      (mail) =>
        `<li><a href="${escape(`${path}/${mail.id}`)}"><strong>${escape(mail.subject)}</strong>${when(mail.time)}<span>to ${escape([...mail.to, ...mail.cc, ...mail.bcc].join(', '))}</span></a></li>`,
    )
    .join('');
  const count = mails.length === 1 ? '1 mail' : `${mails.length} mails`;
  return page('Mailbox', `<h1>Mailbox</h1><p>${count}, caught on this machine. None was sent.</p><ul>${rows}</ul>`);
};

/** Opens links in a new tab: the frame itself may not go anywhere. */
const framed = (html: string): string =>
  `<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="${escape(`<base target="_blank">${html}`)}"></iframe>`;

const mailPage = (mail: OpenedMail, path: string): string => {
  const lines: [string, string][] = [
    ['From', escape(mail.from)],
    ['To', escape(mail.to.join(', '))],
    ['Cc', escape(mail.cc.join(', '))],
    ['Bcc', escape(mail.bcc.join(', '))],
    ['Date', when(mail.time)],
    ...mail.headers.map(({ name, value }): [string, string] => [escape(name), escape(value)]),
    ...mail.email.attachments.map(({ filename, mimeType }): [string, string] => [
      'Attached',
      escape(`${filename ?? 'unnamed'} (${mimeType})`),
    ]),
  ];
  const head = lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
    .join('');
  const { text, html } = mail.email;
  return page(
    mail.subject,
    `<nav><a href="${escape(path)}">← Mailbox</a><a href="${escape(`${path}/${mail.id}.eml`)}" download>Download .eml</a></nav><h1>${escape(mail.subject)}</h1><dl>${head}</dl>` +
      (html ? `<h2>HTML</h2>${framed(html)}` : '') +
      (text ? `<h2>Text</h2><pre>${escape(text)}</pre>` : ''),
  );
};

/** The page that shows the mails, under `path`: a list, a mail (`/<id>`), its bytes (`/<id>.eml`). */
export const mailboxPage =
  (mailbox: Mailbox, path: string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (
      status: number,
      type: string,
      body: string | Buffer,
      headers: Record<string, string> = {},
    ): void => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        ...headers,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const html = 'text/html; charset=utf-8';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(405, html, page('Not allowed', '<h1>This page can only be read.</h1>'), { allow: 'GET, HEAD' });
    }
    const [asked = ''] = (request.url ?? '').split('?');
    const rest = asked.startsWith(path) ? asked.slice(path.length).replace(/^\//, '') : undefined;
    if (rest === '') return answer(200, html, listPage(await mailbox.list(), path));
    const id = rest?.replace(/\.eml$/, '');
    const mail = id === undefined ? undefined : await mailbox.read(id);
    if (!mail)
      return answer(
        404,
        html,
        page('Not found', `<h1>There is no such mail.</h1><p><a href="${escape(path)}">To the mailbox</a></p>`),
      );
    if (rest === id) return answer(200, html, mailPage(mail, path));
    answer(200, 'message/rfc822', mail.bytes, { 'content-disposition': `attachment; filename="${mail.id}.eml"` });
  };
