import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as sdk from '@aws-sdk/client-sfn';

/**
 * The API's model as the SDK ships it: an independent word on which members, types and errors there are. A schema is a
 * tuple that begins with its kind; a number stands for a simple type.
 */
type Schema = number | (() => Schema) | readonly unknown[];

const models = sdk as unknown as Record<string, Schema | undefined>;

const [simple, list, map, structure] = [0, 1, 2, 3];

/** JSON types by the number of a simple type; times are numbers on the wire. */
const jsonTypes: Readonly<Record<number, string>> = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'number' };

/** A reference is a function, or a pair of a schema and its traits. */
const resolve = (schema: Schema): Schema => {
  if (typeof schema === 'function') return resolve(schema());
  if (Array.isArray(schema) && schema.length === 2) return resolve(schema[0] as Schema);
  return schema;
};

/** Where the value is not as the schema has it. */
const problemsOf = (value: unknown, reference: Schema, at: string): readonly string[] => {
  const schema = resolve(reference);
  if (typeof schema === 'number')
    return typeof value === jsonTypes[schema] ? [] : [`${at} is ${typeof value}, not ${jsonTypes[schema]}`];
  const [kind, , , , ...parts] = schema as readonly unknown[];
  if (kind === simple) return problemsOf(value, parts[0] as Schema, at);
  if (kind === list)
    return Array.isArray(value)
      ? value.flatMap((item, index) => problemsOf(item, parts[0] as Schema, `${at}[${index}]`))
      : [`${at} is no list`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`];
  if (kind === map)
    return Object.entries(value).flatMap(([key, item]) => problemsOf(item, parts[1] as Schema, `${at}.${key}`));
  if (kind !== structure) return [`${at} has a schema of the unknown kind ${String(kind)}`];
  const [names, schemas, required = 0] = parts as [readonly string[], readonly Schema[], number?];
  const missing = names.slice(0, required).filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
      const index = names.indexOf(name);
      return index < 0 ? [`${at}.${name} is not in the model`] : problemsOf(item, schemas[index]!, `${at}.${name}`);
    }),
  ];
};

const eventMembers = (models.HistoryEvent$ as readonly unknown[])[4] as readonly string[];

/** The member that holds the details of an event of this type; some types have none. */
export const detailsOf = (type: string): string | undefined => {
  const shared = /State(Entered|Exited)$/.exec(type);
  const member = shared
    ? `state${shared[1]}EventDetails`
    : `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return eventMembers.includes(member) ? member : undefined;
};

export const eventTypes: readonly string[] = Object.values(sdk.HistoryEventType);

const problemsOfEvent = (event: { readonly type: string }): readonly string[] => {
  if (!eventTypes.includes(event.type)) return [`${event.type} is no type of event`];
  const found = Object.keys(event).filter((name) => name.endsWith('EventDetails'));
  const expected = [detailsOf(event.type)].filter((name) => name !== undefined);
  return String(found) === String(expected) ? [] : [`${event.type} has ${found.join()}, not ${expected.join()}`];
};

/** Where the answer of an operation, as it goes over the wire, is not as the model has it. */
export const problemsOfOutput = (operation: string, output: unknown): readonly string[] => {
  const model = models[`${operation}$`] as readonly unknown[] | undefined;
  if (!model) return [`${operation} is no operation`];
  const wire = JSON.parse(JSON.stringify(output ?? {})) as { readonly events?: readonly { readonly type: string }[] };
  return [
    ...problemsOf(wire, model[5] as Schema, operation),
    ...(operation === 'GetExecutionHistory' ? (wire.events ?? []).flatMap(problemsOfEvent) : []),
  ];
};

const root = dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-sfn/package.json'));

/** The errors of an operation, which the SDK ships in its documentation alone. */
export const errorsOf = (operation: string): readonly string[] => {
  const text = readFileSync(join(root, 'dist-types', 'commands', `${operation}Command.d.ts`), 'utf8');
  const names = [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name);
  return names.filter((name) => name !== 'SFNServiceException');
};

/** AWS answers these to any operation. */
const common = ['ValidationException', 'NotSupportedByLocalCloud'];

export const isErrorOf = (operation: string, code: string): boolean =>
  common.includes(code) || errorsOf(operation).includes(code);
