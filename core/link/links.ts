import { linkToken, readLinkToken, type LinkPurpose, type LinkVerdict } from './link-token.ts';
import { watchLink } from './watch-link.ts';

type Ports = {
  /** The key material; fetched when it is needed. */
  secret: () => Promise<string>;
  /** Where the HTTP API is reached, without a slash at the end. */
  publicUrl: string;
  /** How long a link lives. */
  days: number;
  now: () => Date;
};

export type Links = ReturnType<typeof links>;

/** For those who check links and send none. */
export const linkReader =
  ({ secret, now }: Pick<Ports, 'secret' | 'now'>) =>
  async (given: string | undefined, about: { jobId: string; purpose: LinkPurpose }): Promise<LinkVerdict> =>
    readLinkToken(given, { ...about, now: now() }, await secret());

/** Makes and reads signed links: for mails, pages and whoever prints one. */
export const links = ({ secret, publicUrl, days, now }: Ports) => {
  const expiry = (): Date => new Date(now().getTime() + days * 86_400_000);
  const token = async (jobId: string, purpose: LinkPurpose, subject?: string): Promise<string> =>
    linkToken({ jobId, purpose, expiresAt: expiry(), ...(subject ? { subject } : {}) }, await secret());
  return {
    /** Gives the address of the recording's page at any moment; all of them expire together. */
    watch: async (jobId: string): Promise<(seconds?: number) => string> => {
      const signed = await token(jobId, 'watch');
      return (seconds) => watchLink({ publicUrl, jobId, token: signed, ...(seconds === undefined ? {} : { seconds }) });
    },
    token,
    read: linkReader({ secret, now }),
  };
};
