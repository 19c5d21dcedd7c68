import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDb } from '../job/dynamo.ts';

export const dynamoDb = (client = new DynamoDBClient()): DynamoDb => ({
  deleteItem: (input) => client.send(new DeleteItemCommand(input)),
  getItem: (input) => client.send(new GetItemCommand(input)),
  putItem: (input) => client.send(new PutItemCommand(input)),
  query: (input) => client.send(new QueryCommand(input)),
  updateItem: (input) => client.send(new UpdateItemCommand(input)),
  transactWriteItems: (input) => client.send(new TransactWriteItemsCommand(input)),
});
