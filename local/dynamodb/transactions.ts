import { createHash } from 'node:crypto';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import type { Change, Engine, Item, Met } from './engine.ts';

const largestTransaction = 100;
/** How long DynamoDB remembers a ClientRequestToken. */
const tokenLifetime = 10 * 60_000;
const tokenPrefix = 'transaction-token~';

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

/** By member of a TransactWriteItem: the operation that validates and stages it, and the members it may have. */
const shared = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];
const actions: Record<string, { operation: string; required: readonly string[]; members: readonly string[] }> = {
  Put: { operation: 'PutItem', required: ['Item'], members: [...shared, 'Item'] },
  Update: {
    operation: 'UpdateItem',
    required: ['Key', 'UpdateExpression'],
    members: [...shared, 'Key', 'UpdateExpression'],
  },
  Delete: { operation: 'DeleteItem', required: ['Key'], members: [...shared, 'Key'] },
  // Has the condition and the key of a delete; what it would change is thrown away.
  ConditionCheck: { operation: 'DeleteItem', required: ['Key', 'ConditionExpression'], members: [...shared, 'Key'] },
};

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const transactItems = (input: Item): Item[] => {
  const items = input['TransactItems'];
  if (!Array.isArray(items))
    throw invalid(
      "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: Member must not be null",
    );
  if (items.length === 0)
    throw invalid(
      "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (items.length > largestTransaction) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${largestTransaction}`,
    );
  }
  return items as Item[];
};

const onlyMembers = (input: Item, members: readonly string[], of: string): void => {
  const unknown = Object.keys(input).find((name) => input[name] !== undefined && !members.includes(name));
  if (unknown !== undefined) throw notSupported(`The member ${unknown} of DynamoDB's ${of}`);
};

/** The one action of a TransactWriteItem. */
const actionOf = (item: Item): { name: string; operation: string; request: Item; returnsOld: boolean } => {
  const names = Object.keys(item).filter((name) => item[name] !== undefined);
  const [name = ''] = names;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (names.length !== 1 || !action)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  const { ReturnValuesOnConditionCheckFailure: returned, ...request } = item[name] as Item;
  onlyMembers(request, action.members, `TransactWriteItems.${name}`);
  for (const required of action.required) {
    if (request[required] === undefined)
      throw invalid(
        `1 validation error detected: Value null at 'transactItems.member.${name}.${required}' failed to satisfy constraint: Member must not be null`,
      );
  }
  return { name, operation: action.operation, request, returnsOld: returned === 'ALL_OLD' };
};

/** Errors that DynamoDB tells as the reason of one item. Anything else (syntax, unknown table) refuses the whole request. */
const reasonOf = (error: unknown, met: Met, returnsOld: boolean): Reason => {
  if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException') {
    return {
      Code: 'ConditionalCheckFailed',
      Message: error.message,
      ...(returnsOld && met.existing && { Item: met.existing }),
    };
  }
  // Before the item is looked at, what is wrong is the request; afterwards, or by size and key, it is the item.
  const isAboutTheItem = met.items.length > 0 || /item size|key element|for key/i.test((error as Error).message);
  if (error instanceof AwsError && error.code === 'ValidationException' && isAboutTheItem) {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
};

const cancelled = (reasons: readonly Reason[]): AwsError =>
  new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );

/** TransactWriteItems: everything is staged first and written in one batch. The caller lets nobody else write meanwhile. */
export const transactWrite = async (engine: Engine, input: Item, now: number): Promise<Item> => {
  onlyMembers(input, ['TransactItems', 'ClientRequestToken', 'ReturnConsumedCapacity'], 'TransactWriteItems');
  if ((input['ReturnConsumedCapacity'] ?? 'NONE') !== 'NONE')
    throw notSupported('ReturnConsumedCapacity of a transaction');
  const wanted = transactItems(input).map(actionOf);
  const token = input['ClientRequestToken'] as string | undefined;
  const hash = createHash('sha256').update(JSON.stringify(input['TransactItems'])).digest('hex');
  if (token !== undefined) {
    const earlier = (await engine.db.get(tokenPrefix + token)) as { hash: string; at: number } | undefined;
    if (earlier && earlier.at + tokenLifetime > now) {
      if (earlier.hash === hash) return {};
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    }
  }

  const changes: Change[] = [];
  const reasons: Reason[] = [];
  const items: string[] = [];
  for (const { name, operation, request, returnsOld } of wanted) {
    const met: Met = { items: [] };
    try {
      const staged = await engine.stage(operation, request, met);
      if (name !== 'ConditionCheck') changes.push(...staged.changes);
      reasons.push({ Code: 'None' });
    } catch (error) {
      reasons.push(reasonOf(error, met, returnsOld));
    }
    items.push(...met.items);
  }
  if (new Set(items).size < items.length)
    throw invalid('Transaction request cannot include multiple operations on one item');
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  if (token !== undefined) changes.push({ type: 'put', key: tokenPrefix + token, value: { hash, at: now } });
  await engine.db.batch(changes);
  return {};
};

/** TransactGetItems: one moment's view, because the caller lets nobody write meanwhile. */
export const transactGet = async (engine: Engine, input: Item): Promise<Item> => {
  onlyMembers(input, ['TransactItems'], 'TransactGetItems');
  const Responses: Item[] = [];
  for (const item of transactItems(input)) {
    const get = item['Get'] as Item | undefined;
    if (!get)
      throw invalid(
        "1 validation error detected: Value null at 'transactItems.member.get' failed to satisfy constraint: Member must not be null",
      );
    onlyMembers(get, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames'], 'TransactGetItems.Get');
    Responses.push(await engine.run('GetItem', { ...get, ConsistentRead: true }));
  }
  return { Responses };
};

/** Forgets the tokens of transactions that DynamoDB would have forgotten. */
export const forgetTokens = async (engine: Engine, now: number): Promise<void> => {
  const old: Change[] = [];
  for await (const [key, value] of engine.db.iterator({ gte: tokenPrefix, lt: `${tokenPrefix}\uffff` })) {
    if ((value as { at: number }).at + tokenLifetime <= now) old.push({ type: 'del', key });
  }
  if (old.length > 0) await engine.db.batch(old);
};
