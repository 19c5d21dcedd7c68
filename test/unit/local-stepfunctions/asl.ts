/** Shorthands for definitions in tests. */
export const lambda = (key: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${key}`;

export const machine = (states: Record<string, object>, rest: object = {}): object => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...rest,
});

/** A task that ends the machine. */
export const task = (key: string, rest: object = {}): object => ({
  Type: 'Task',
  Resource: lambda(key),
  End: true,
  ...rest,
});

export const failing = (name: string, message = 'broken'): never => {
  throw Object.assign(new Error(message), { name });
};
