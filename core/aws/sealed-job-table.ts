import * as z from 'zod';
import { sealer } from '../job/seal.ts';
import { jobTable } from '../job/table.ts';
import { dynamoDb } from './dynamodb.ts';
import { jobTableConfig } from './job-table.ts';
import { secretsManager, sealingSecret } from './secrets.ts';

export const sealedJobTableConfig = {
  ...jobTableConfig,
  sealingSecret: z.string().min(1, 'expected the name of the secret that seals attributes'),
};

/** The job table for functions that handle download tokens or the host's address. */
export const openSealedJobTable = (config: { jobTable: string; sealingSecret: string }) =>
  jobTable(dynamoDb(), config.jobTable, sealer(sealingSecret(secretsManager(), config.sealingSecret)));
