import * as z from 'zod';
import { linkReader, links } from '../link/links.ts';
import { linkSecret, secretsManager } from './secrets.ts';

export const linkReaderConfig = { linkSecret: z.string().min(1, 'expected the name of the secret that signs links') };

export const linkConfig = {
  ...linkReaderConfig,
  publicUrl: z.url({ protocol: /^https?$/ }),
  linkDays: z.coerce.number().int().min(1),
};

export const openLinkReader = (config: { linkSecret: string }) =>
  linkReader({ secret: linkSecret(secretsManager(), config.linkSecret), now: () => new Date() });

/** Signed links, for functions that send them. */
export const openLinks = (config: { linkSecret: string; publicUrl: string; linkDays: number }) =>
  links({
    secret: linkSecret(secretsManager(), config.linkSecret),
    publicUrl: config.publicUrl.replace(/\/+$/, ''),
    days: config.linkDays,
    now: () => new Date(),
  });
