import type {
  DeleteItemCommandInput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

/** What the job table needs of DynamoDB. An error carries the service's name for it. */
export type DynamoDb = {
  deleteItem(input: DeleteItemCommandInput): Promise<unknown>;
  getItem(input: GetItemCommandInput): Promise<Pick<GetItemCommandOutput, 'Item'>>;
  putItem(input: PutItemCommandInput): Promise<unknown>;
  query(input: QueryCommandInput): Promise<Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'>>;
  updateItem(input: UpdateItemCommandInput): Promise<unknown>;
  transactWriteItems(input: TransactWriteItemsCommandInput): Promise<unknown>;
};
