// dynalite ships no types. Only what the stand-in uses of its store is declared, as version 4.0.0 has it.
declare module 'dynalite/db/index.js' {
  export type Callback<T> = (error?: Error | null, value?: T) => void;
  export interface SubDb {
    lock(key: string, critical: (release: (callback: Callback<unknown>) => Callback<unknown>) => void): void;
    get(key: string, callback: Callback<Record<string, unknown>>): void;
    put(key: string, value: unknown, callback: Callback<void>): void;
    del(key: string, callback: Callback<void>): void;
  }
  export interface Store {
    readonly options: Record<string, unknown>;
    /** LevelDB. Its `batch` is atomic, also for readers and over a kill. */
    readonly db: {
      open(): Promise<void>;
      get(key: string): Promise<unknown>;
      put(key: string, value: unknown): Promise<void>;
      batch(changes: readonly { type: 'put' | 'del'; key: string; value?: unknown }[]): Promise<void>;
      iterator(range: { gte: string; lt: string }): AsyncIterable<[string, unknown]>;
      close(): Promise<void>;
    };
    readonly tableDb: SubDb;
    getTable(name: string, ...rest: unknown[]): void;
    getItemDb(name: string): SubDb;
    getIndexDb(type: string, table: string, index: string): SubDb;
  }
  const db: { create(options: Record<string, unknown>): Store };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: unknown, types: object): Record<string, unknown>;
    checkValidations(data: unknown, types: object, custom: unknown, store: unknown): void;
  };
  export default validations;
}
