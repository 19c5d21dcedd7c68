import { mkdir } from 'node:fs/promises';
import db, { type Callback, type Store, type SubDb } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import { rememberTables } from './remember-tables.ts';

export type Item = Record<string, unknown>;
export interface Change {
  readonly type: 'put' | 'del';
  readonly key: string;
  readonly value?: unknown;
}

/** What a write would do: nothing of it has happened yet. */
export interface Staged {
  readonly output: Item;
  readonly changes: readonly Change[];
}

/** What one write met on its way, also when it failed. */
export interface Met {
  /** The items it is about, as keys of the store. */
  readonly items: string[];
  /** The item as it was before. */
  existing?: Item;
}

/** dynalite's operations, without its HTTP server: it writes an item and its index entries one by one, we in one batch. */
export interface Engine {
  readonly db: Store['db'];
  /** Runs an operation on the stored tables. */
  run(operation: string, input: Item): Promise<Item>;
  /** Runs a write, but keeps its changes back. */
  stage(operation: string, input: Item, met?: Met): Promise<Staged>;
  close(): Promise<void>;
}

const operations = [
  'BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable', 'GetItem', 'ListTables',
  'ListTagsOfResource', 'PutItem', 'Query', 'Scan', 'TagResource', 'UntagResource', 'UpdateItem',
] as const; // prettier-ignore

type Action = (store: object, data: Item, callback: Callback<Item>) => void;
interface Loaded {
  readonly action: Action;
  readonly types: object;
  readonly custom?: unknown;
}

/** Members that dynalite does not know and that change nothing here. Any other unknown member is refused, not dropped. */
const withoutEffect: Record<string, (value: unknown) => boolean> = {
  SSESpecification: () => true,
  TableClass: () => true,
  DeletionProtectionEnabled: (value) => value === false,
  StreamSpecification: (value) => (value as { StreamEnabled?: unknown } | null)?.StreamEnabled === false,
};

const load = async (operation: string): Promise<Loaded> => {
  const file = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
  const [action, validation] = (await Promise.all([
    import(`dynalite/actions/${file}`),
    import(`dynalite/validations/${file}`),
  ])) as [{ default: Action }, { default: Omit<Loaded, 'action'> }];
  return { action: action.default, ...validation.default };
};

/** dynalite's errors carry the body that AWS would send. */
const awsErrorOf = (error: unknown): Error => {
  const { statusCode, body } = error as {
    statusCode?: number;
    body?: { __type: string; message?: string; Message?: string };
  };
  if (statusCode === undefined || body === undefined) return error as Error;
  return new AwsError(body.__type.replace(/^.*#/, ''), body.message ?? body.Message ?? '', statusCode);
};

/** A store that reads from the real one and collects what would be written. Locks are not needed: writers come one by one. */
const stagingStore = (store: Store, changes: Change[], met: Met): object => {
  const collect = (prefix: string, real: SubDb, isItems: boolean): SubDb => ({
    lock: (key, critical) => {
      if (isItems) met.items.push(prefix + key);
      critical((callback) => callback);
    },
    get: (key, callback) =>
      real.get(key, (error, item) => {
        if (isItems && item) met.existing = item;
        callback(error, item);
      }),
    put: (key, value, callback) => {
      changes.push({ type: 'put', key: prefix + key, value });
      callback();
    },
    del: (key, callback) => {
      changes.push({ type: 'del', key: prefix + key });
      callback();
    },
  });
  return {
    ...store,
    getItemDb: (table: string) => collect(`item-${table}~`, store.getItemDb(table), true),
    getIndexDb: (type: string, table: string, index: string) =>
      collect(`index-${type.toLowerCase()}~${table}~${index}~`, store.getIndexDb(type, table, index), false),
  };
};

/** Opens the tables in a folder; they stay there over a kill of the process. */
export const openEngine = async (folder: string): Promise<Engine> => {
  await mkdir(folder, { recursive: true });
  const store = db.create({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Else dynalite takes them from the environment, where a person's real ones may be.
  Object.assign(store.tableDb, { awsAccountId: localAccount, awsRegion: localRegion });
  rememberTables(store.tableDb);
  try {
    await store.db.open();
  } catch (error) {
    const reason = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    throw new Error(`The DynamoDB tables in ${folder} cannot be opened: ${reason}`, { cause: error });
  }
  const loaded = new Map<string, Loaded>();
  for (const operation of operations) loaded.set(operation, await load(operation));

  /** A store that is closed under a scan fails it where nobody can catch that. */
  const underway = new Set<Promise<unknown>>();
  const runOn = (target: object, operation: string, input: Item): Promise<Item> => {
    const running = start(target, operation, input);
    underway.add(running);
    const forget = (): void => void underway.delete(running);
    running.then(forget, forget);
    return running;
  };

  const start = async (target: object, operation: string, input: Item): Promise<Item> => {
    const { action, types, custom } =
      loaded.get(operation) ?? raise(notSupported(`The DynamoDB operation ${operation}`));
    const known: Item = {};
    for (const [name, value] of Object.entries(input)) {
      if (value === undefined || withoutEffect[name]?.(value)) continue;
      if (!Object.hasOwn(types, name)) throw notSupported(`The member ${name} of DynamoDB's ${operation}`);
      known[name] = value;
    }
    try {
      const data = validations.checkTypes(known, types);
      validations.checkValidations(data, types, custom, store);
      return new Promise<Item>((resolve, reject) =>
        action(target, data, (error, output) => (error ? reject(awsErrorOf(error)) : resolve(output ?? {}))),
      );
    } catch (error) {
      throw awsErrorOf(error);
    }
  };

  return {
    db: store.db,
    run: async (operation, input) => runOn(store, operation, input),
    stage: async (operation, input, met = { items: [] }) => {
      const changes: Change[] = [];
      return { output: await runOn(stagingStore(store, changes, met), operation, input), changes };
    },
    close: async () => {
      await Promise.allSettled(underway);
      await store.db.close();
    },
  };
};

const raise = (error: Error): never => {
  throw error;
};
