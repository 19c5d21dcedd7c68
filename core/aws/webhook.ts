import '../step/interpret-schemas.ts';
import { randomUUID } from 'node:crypto';
import type { DynamoDb } from '../job/dynamo.ts';
import { sealer } from '../job/seal.ts';
import { jobTable } from '../job/table.ts';
import { jsonApi } from './json-api.ts';
import { machineStartedBy, recordingMachineConfig } from './machine.ts';
import { sealedJobTableConfig } from './sealed-job-table.ts';
import { sealingSecret, zoomSecretConfig, zoomSecretFrom, type GetSecret } from './secrets.ts';

export const webhookConfig = { ...sealedJobTableConfig, ...zoomSecretConfig, ...recordingMachineConfig };

type Config = { jobTable: string; sealingSecret: string; zoomSecret: string; recordingMachine: string };

/** What the webhook needs of AWS, without the SDK, for the sake of its cold start: json-api.ts says more. */
export const openWebhook = (config: Config) => {
  const secrets = jsonApi({ service: 'secretsmanager', target: 'secretsmanager', version: '1.1' });
  const states = jsonApi({ service: 'states', target: 'AWSStepFunctions', version: '1.0' });
  const getSecret: GetSecret = async (SecretId) => {
    const { SecretString } = await secrets('GetSecretValue', { SecretId });
    return typeof SecretString === 'string' ? SecretString : '';
  };
  const seal = sealer(sealingSecret(getSecret, config.sealingSecret));
  const { announce, park } = jobTable(lightDynamoDb(), config.jobTable, seal);
  return {
    secrets: zoomSecretFrom(getSecret, config).webhookSecretTokens,
    jobs: { announce, park },
    machine: machineStartedBy((input) => states('StartExecution', input), config),
  };
};

/** Numbers and texts travel as they are; binary attributes, which the job table has none of, would need base64. */
export const lightDynamoDb = (
  call = jsonApi({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' }),
): DynamoDb => ({
  deleteItem: (input) => call('DeleteItem', input),
  getItem: (input) => call('GetItem', input),
  putItem: (input) => call('PutItem', input),
  query: (input) => call('Query', input),
  updateItem: (input) => call('UpdateItem', input),
  // By its token DynamoDB knows a transaction whose answer was lost when it is sent again.
  transactWriteItems: (input) => call('TransactWriteItems', { ClientRequestToken: randomUUID(), ...input }),
});
