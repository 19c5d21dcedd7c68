import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { links } from '../core/link/links.ts';
import type { Cloud } from './cloud.ts';
import { Complaint } from './complaint.ts';
import { localCredentials, localRegion } from './gateway/credentials.ts';

/** The address of a recording's page, signed as a mail would have it. */
export const pageLink = async (
  { gateway, deployment, api }: Pick<Cloud, 'gateway' | 'deployment' | 'api'>,
  jobId: string,
  { days = 90, now = () => new Date() } = {},
): Promise<(seconds?: number) => string> => {
  const SecretId = deployment.secrets.find(({ logicalId }) => logicalId === 'LinkSecret')?.arn;
  const client = new SecretsManagerClient({
    endpoint: gateway.url,
    region: localRegion,
    credentials: localCredentials,
  });
  const secret = async (): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (!SecretString)
      throw new Complaint('The secret that signs links is empty. `npm run local:reset` starts afresh.');
    return SecretString;
  };
  try {
    return await links({ secret, publicUrl: api.url, days, now }).watch(jobId);
  } finally {
    client.destroy();
  }
};
