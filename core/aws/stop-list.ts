import * as z from 'zod';
import { addressKey } from '../mail/address.ts';
import { stopList } from '../mail/stop-list.ts';
import { dynamoDb } from './dynamodb.ts';
import { secretsManager, sealingSecret } from './secrets.ts';

export const stopListConfig = { mailTable: z.string().min(1, 'expected the name of the mail table') };

/** Who gets no more mails. */
export const openStopList = (config: { mailTable: string }) => stopList(dynamoDb(), config.mailTable);

/** Turns an address into that by which the tables know it. */
export const openAddressKey = (config: { sealingSecret: string }) => {
  const secret = sealingSecret(secretsManager(), config.sealingSecret);
  return async (address: string): Promise<string> => addressKey(address, await secret());
};
