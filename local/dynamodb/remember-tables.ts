import type { SubDb } from 'dynalite/db/index.js';

/** Every operation reads the definition of its table, and definitions hardly change: they are kept until one does. */
export const rememberTables = (tables: SubDb): void => {
  const get = tables.get.bind(tables);
  const put = tables.put.bind(tables);
  const del = tables.del.bind(tables);
  const known = new Map<string, string>();
  let changes = 0;
  const forget = (): void => {
    known.clear();
    changes += 1;
  };
  tables.get = (name, callback) => {
    const definition = known.get(name);
    // A copy, since operations add to what they are given.
    if (definition) return callback(null, JSON.parse(definition) as Record<string, unknown>);
    const before = changes;
    get(name, (error, found) => {
      if (found && before === changes) known.set(name, JSON.stringify(found));
      callback(error, found);
    });
  };
  tables.put = (name, value, callback) => {
    forget();
    put(name, value, (error) => {
      forget();
      callback(error);
    });
  };
  tables.del = (name, callback) => {
    forget();
    del(name, (error) => {
      forget();
      callback(error);
    });
  };
};
