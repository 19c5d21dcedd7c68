import type { JobMail } from '../../core/job/mail-rows.ts';
import { addressKey } from '../../core/mail/address.ts';
import type { Mail } from '../../core/mail/mail.ts';
import type { SendPorts } from '../../core/mail/send-each.ts';
import type { Stopped } from '../../core/mail/stop-list.ts';

export const keyOf = (address: string): string => addressKey(address, 'a secret of at least thirty-two characters');

/** Rows of mails that behave as the table does, a stop list, and a mail service that is told what to do. */
export const mailWorld = (now: () => Date, claimLastsMs: number) => {
  const mails = new Map<string, JobMail>();
  const stopped = new Map<string, Stopped>();
  const notes = new Set<string>();
  const sent: Mail[] = [];
  const behave: { send: (mail: Mail) => ReturnType<SendPorts['mailer']['send']> } = {
    send: (mail) => Promise.resolve({ messageId: `m${sent.push(mail)}` }),
  };
  const nameOf = ({ kind, recipient }: { kind: string; recipient: string }) => `${kind}#${recipient}`;
  const jobs: SendPorts['jobs'] = {
    addNote: (_jobId, note) => Promise.resolve(void notes.add(note)),
    mails: () => Promise.resolve(structuredClone([...mails.values()])),
    claimMail: (_jobId, one, _to, staleBefore) => {
      const row = mails.get(nameOf(one));
      if (row?.sentAt || (row?.claimedAt && row.claimedAt >= staleBefore.toISOString())) return Promise.resolve(false);
      mails.set(nameOf(one), { ...one, sealedTo: 'sealed', claimedAt: now().toISOString() });
      return Promise.resolve(true);
    },
    releaseMail: (_jobId, one) => {
      const { claimedAt: _, ...row } = mails.get(nameOf(one)) ?? { ...one, sealedTo: 'sealed' };
      return Promise.resolve(void mails.set(nameOf(one), row));
    },
    mailSent: (_jobId, one, mailId) => {
      const row = { ...(mails.get(nameOf(one)) as JobMail), sentAt: now().toISOString(), mailId };
      return Promise.resolve(void mails.set(nameOf(one), row));
    },
  };
  const ports: SendPorts = {
    ...{ jobs, now, claimLastsMs },
    stopList: { find: (key) => Promise.resolve(stopped.get(key)) },
    addressKey: (address) => Promise.resolve(keyOf(address)),
    mailer: { send: (mail) => behave.send(mail) },
  };
  return { ports, mails, stopped, notes, sent, behave };
};
