import * as z from 'zod';
import type { Sealer } from '../job/seal.ts';
import { jobTable } from '../job/table.ts';
import { dynamoDb } from './dynamodb.ts';

export const jobTableConfig = { jobTable: z.string().min(1, 'expected the name of the job table') };

const noSealer: Sealer = {
  seal: () => Promise.reject(new Error('this function has no key for sealed attributes')),
  unseal: () => Promise.reject(new Error('this function has no key for sealed attributes')),
};

/** The job table for functions that neither write nor read sealed attributes. */
export const openJobTable = (config: { jobTable: string }) => jobTable(dynamoDb(), config.jobTable, noSealer);
