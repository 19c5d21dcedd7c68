import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { sealer } from '../job/seal.ts';
import { jobTable } from '../job/table.ts';
import { jobTableConfig } from './job-table.ts';
import { sealingSecret } from './secrets.ts';

export const sealedJobTableConfig = {
  ...jobTableConfig,
  sealingSecret: z.string().min(1, 'expected the name of the secret that seals attributes'),
};

/** The job table for functions that handle download tokens or the host's address. */
export const openSealedJobTable = (config: { jobTable: string; sealingSecret: string }) =>
  jobTable(
    new DynamoDBClient(),
    config.jobTable,
    sealer(sealingSecret(new SecretsManagerClient(), config.sealingSecret)),
  );
