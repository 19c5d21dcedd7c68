import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Encrypts what must not lie in the table in the clear: download tokens, signed URLs, the host's address.
 * AES-256-GCM; the job's id is authenticated too, so that a value cannot be moved to another row.
 */
export type Sealer = {
  seal(jobId: string, text: string): Promise<string>;
  unseal(jobId: string, sealed: string): Promise<string>;
};

const version = 'v1';
/** Said outright: the cipher would also take a tag of 4 bytes, which can be guessed. */
const authTagLength = 16;

export const sealer = (secret: () => Promise<string>): Sealer => {
  const key = async (): Promise<Buffer> =>
    Buffer.from(hkdfSync('sha256', await secret(), '', 'rapporteur sealed attribute', 32));
  return {
    seal: async (jobId, text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', await key(), nonce, { authTagLength }).setAAD(Buffer.from(jobId));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [version, Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')].join('.');
    },
    unseal: async (jobId, sealed) => {
      const [prefix, data = ''] = sealed.split('.');
      if (prefix !== version) throw new Error('a sealed attribute has an unknown version');
      const bytes = Buffer.from(data, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', await key(), bytes.subarray(0, 12), { authTagLength }).setAAD(
        Buffer.from(jobId),
      );
      decipher.setAuthTag(bytes.subarray(12, 12 + authTagLength));
      return Buffer.concat([decipher.update(bytes.subarray(12 + authTagLength)), decipher.final()]).toString('utf8');
    },
  };
};
