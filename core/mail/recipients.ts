import * as z from 'zod';
import type { Recipient } from './build-view.ts';
import { deliverable } from './address.ts';

/** In place of an address: those whom the meeting names. */
const alternativeHosts = 'alternative-hosts';

/** Each with a row of its own; a list is for the people of one team, not for a university. */
const mostAlso = 20;

const entriesOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);

const isDomain = (text: string): boolean => deliverable(`a@${text}`) !== undefined;

/** What a packaging says against a list of further readers; nothing, where it is right. */
export const complaintAboutReaders = (text: string): string | undefined => {
  const wrong = entriesOf(text).find((entry) => entry !== alternativeHosts && !deliverable(entry));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is neither an address nor ${alternativeHosts}`;
  if (entriesOf(text).length > mostAlso) return `it names more than ${mostAlso} addresses`;
  return undefined;
};

/** What a packaging says against the list of those who never get a mail. */
export const complaintAboutNever = (text: string): string | undefined => {
  const wrong = entriesOf(text).find((entry) => !(entry.includes('@') ? deliverable(entry) : isDomain(entry)));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is neither an address nor a domain`;
  return Buffer.byteLength(text) > 1_000 ? 'it is longer than 1000 bytes of UTF-8' : undefined;
};

export const mailRules = {
  /** Addresses that get every mail about a recording, besides its host. */
  mailAlso: z.string().default(''),
  /** Addresses and domains, with all that lies under them, that get none. */
  mailNever: z.string().default(''),
};
export type MailRules = { readonly [Rule in keyof typeof mailRules]: string };

/** Whether a rule of the operator keeps mails from this address. */
export const isNever = (address: string, { mailNever }: Pick<MailRules, 'mailNever'>): boolean => {
  const given = address.toLowerCase();
  const domain = given.slice(given.lastIndexOf('@') + 1);
  return entriesOf(mailNever).some((entry) => {
    if (entry.includes('@')) return deliverable(entry)?.toLowerCase() === given;
    const barred = deliverable(`a@${entry}`)?.slice(2);
    return barred !== undefined && (domain === barred || domain.endsWith(`.${barred}`));
  });
};

export type Reached = { readonly role: Recipient; readonly address: string };

/** Whether a rule sends mails to those whom the meeting names. */
export const needsAlternativeHosts = ({ mailAlso }: Pick<MailRules, 'mailAlso'>): boolean =>
  entriesOf(mailAlso).includes(alternativeHosts);

/** Everybody once, the host first. What the operator rules out is counted, not told. */
export const readersOf = (
  { host, alternatives }: { readonly host: string | undefined; readonly alternatives: readonly string[] },
  rules: MailRules,
): { readers: Reached[]; ruledOut: number } => {
  const reached = (role: Recipient, given: string): Reached[] => {
    const address = deliverable(given);
    return address === undefined ? [] : [{ role, address }];
  };
  const named: Reached[] = [
    ...(host === undefined ? [] : [{ role: 'host' as const, address: host }]),
    // Zoom names some of them by an id in place of an address: nobody whom a mail can reach.
    ...(needsAlternativeHosts(rules) ? alternatives.slice(0, mostAlso) : []).flatMap((one) =>
      reached('alternative', one),
    ),
    ...entriesOf(rules.mailAlso).flatMap((entry) => reached('also', entry)),
  ];
  const unique = named.filter(
    ({ address }, index) => named.findIndex((one) => one.address.toLowerCase() === address.toLowerCase()) === index,
  );
  const readers = unique.filter(({ address }) => !isNever(address, rules));
  return { readers, ruledOut: unique.length - readers.length };
};
