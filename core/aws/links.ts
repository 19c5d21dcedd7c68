import * as z from 'zod';
import { links } from '../link/links.ts';
import { linkSecret, secretsManager } from './secrets.ts';

export const linkConfig = {
  linkSecret: z.string().min(1, 'expected the name of the secret that signs links'),
  publicUrl: z.url({ protocol: /^https?$/ }),
  linkDays: z.coerce.number().int().min(1),
};

/** Signed links, for functions that send or check them. */
export const openLinks = (config: { linkSecret: string; publicUrl: string; linkDays: number }) =>
  links({
    secret: linkSecret(secretsManager(), config.linkSecret),
    publicUrl: config.publicUrl.replace(/\/+$/, ''),
    days: config.linkDays,
    now: () => new Date(),
  });
