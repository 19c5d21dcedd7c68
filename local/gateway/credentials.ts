/** The one identity of the local cloud. Fixed dummy keys: a request signed with them can never reach a real account. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';
export const localCredentials = {
  accessKeyId: 'LOCALRAPPORTEUR00000',
  secretAccessKey: 'local-rapporteur-secret-key-not-for-aws',
} as const;
