import { createTransport } from 'nodemailer';
import { PermanentError } from '../step/errors.ts';
import type { Mail } from './mail.ts';

export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls: 'required' | 'none';
};

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number };
const silenceMillis = 15_000;

/** Sends through an SMTP server: the alternative to SES, with the same promises to the caller. */
export const smtpMailer = (server: () => Promise<SmtpServer>, mailFrom: string) => ({
  send: async (mail: Mail): Promise<{ messageId: string } | { notSent: string }> => {
    const { host, port, user, password, tls } = await server();
    const transport = createTransport({
      host,
      port,
      secure: tls === 'required' && port === 465,
      requireTLS: tls === 'required',
      ignoreTLS: tls === 'none',
      ...(user ? { auth: { user, pass: password ?? '' } } : {}),
      connectionTimeout: silenceMillis,
      greetingTimeout: silenceMillis,
      socketTimeout: silenceMillis,
      // The mail is text that we made: nothing in it may make the library read a file or a URL.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    let isHandedOver = false;
    try {
      // A connection of its own: a lost one then tells whether the mail was on its way.
      await transport.verify();
      isHandedOver = true;
      const { to, subject, text, html, headers } = mail;
      const sent = await transport.sendMail({ from: mailFrom, to, subject, text, html, headers: { ...headers } });
      return { messageId: sent.messageId };
    } catch (thrown) {
      const { code = '', responseCode = 0, name } = thrown as SmtpError;
      // Neither message nor cause is kept: servers quote addresses.
      const what = responseCode > 0 ? `${code} ${responseCode}` : code || name;
      if (code === 'EAUTH' || responseCode >= 500) throw new PermanentError('MAIL_REFUSED', what);
      if (responseCode >= 400 || !isHandedOver) return { notSent: what };
      throw new Error(`the SMTP server ${host} did not say whether it took the mail: ${what}`);
    } finally {
      transport.close();
    }
  },
});
