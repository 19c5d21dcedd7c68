import { AwsError, notSupported } from '../gateway/aws-error.ts';

/** Whether an event has what a pattern asks for. */
export type Matcher = (event: unknown) => boolean;
type Leaf = string | number | boolean | null;
/** Decides about the values a field has: several if it is a list, none if it is missing. */
type LeafTest = (values: readonly Leaf[]) => boolean;

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isLeaf = (value: unknown): value is Leaf =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const some =
  (test: (value: Leaf) => boolean): LeafTest =>
  (values) =>
    values.some(test);

const text = (value: unknown, name: string): string => {
  if (typeof value !== 'string' || value === '') throw invalid(`${name} must be a text that is not empty`);
  return value;
};

/** `*` stands for any characters, also none; a backslash takes its meaning away. */
const wildcard = (pattern: string): ((value: Leaf) => boolean) => {
  const withoutEscapes = pattern.replace(/\\[\\*]/g, 'x');
  if (withoutEscapes.includes('**')) throw invalid('Consecutive wildcard characters');
  if (withoutEscapes.includes('\\')) throw invalid('Invalid escape character');
  const source = pattern.replace(/\\([\\*])|([*])|([^*\\])/gs, (_, escaped: string, star: string, plain: string) =>
    star ? '.*' : (escaped ?? plain).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
  );
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
};

const edge =
  (name: 'startsWith' | 'endsWith', what: string) =>
  (wanted: unknown): ((value: Leaf) => boolean) => {
    if (isObject(wanted)) {
      const folded = text(only(wanted, 'equals-ignore-case'), what).toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase()[name](folded);
    }
    const plain = text(wanted, what);
    return (value) => typeof value === 'string' && value[name](plain);
  };

const ignoreCase = (wanted: unknown): ((value: Leaf) => boolean) => {
  if (typeof wanted !== 'string') throw invalid('equals-ignore-case match pattern must be a string');
  return (value) => typeof value === 'string' && value.toLowerCase() === wanted.toLowerCase();
};

const texts: Record<string, (wanted: unknown) => (value: Leaf) => boolean> = {
  prefix: edge('startsWith', 'prefix'),
  suffix: edge('endsWith', 'suffix'),
  'equals-ignore-case': ignoreCase,
  wildcard: (wanted) => wildcard(text(wanted, 'wildcard')),
};

const only = (matcher: Record<string, unknown>, name: string): unknown => {
  const keys = Object.keys(matcher);
  if (keys.length !== 1 || keys[0] !== name) throw invalid(`Only ${name} is allowed here`);
  return matcher[name];
};

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 3]`, `[">", 0]`, or a range from below: `[">=", 0, "<", 5]`. */
const numeric = (wanted: unknown): ((value: Leaf) => boolean) => {
  if (!Array.isArray(wanted) || (wanted.length !== 2 && wanted.length !== 4))
    throw invalid('Value of numeric must be an array of operator and number');
  const parts = [wanted.slice(0, 2), wanted.slice(2)].filter(({ length }) => length > 0) as [string, unknown][];
  for (const [operator, bound] of parts) {
    if (!Object.hasOwn(comparisons, operator))
      throw invalid(`Unrecognized numeric range operator: ${String(operator)}`);
    if (typeof bound !== 'number') throw invalid('Value of numeric must be a number');
  }
  if (parts.length === 2) {
    const [[low, from], [high, to]] = parts as [[string, number], [string, number]];
    if (!low.startsWith('>') || !high.startsWith('<')) throw invalid('Bad numeric range operator');
    if (from >= to) throw invalid('Bottom must be less than top');
  }
  return (value) =>
    typeof value === 'number' && parts.every(([operator, bound]) => comparisons[operator]?.(value, bound as number));
};

const anythingBut = (wanted: unknown): LeafTest => {
  if (isObject(wanted)) {
    const [name = ''] = Object.keys(wanted);
    const test = Object.hasOwn(texts, name) ? texts[name] : undefined;
    if (!test) throw invalid(`Unsupported anything-but pattern: ${name}`);
    const value = only(wanted, name);
    const tests = (Array.isArray(value) ? value : [value]).map(test);
    if (tests.length === 0) throw invalid('Empty array');
    return some((each) => !tests.some((matches) => matches(each)));
  }
  const excluded: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  if (excluded.length === 0) throw invalid('Empty array');
  const kinds = new Set(excluded.map((value) => typeof value));
  if (kinds.size > 1 || !excluded.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw invalid('Inside anything-but list, either all values are number or string, mixed type is not supported');
  }
  const all = new Set<unknown>(excluded);
  return some((value) => !all.has(value));
};

const leafTest = (wanted: unknown): LeafTest => {
  if (isLeaf(wanted)) return some((value) => value === wanted);
  if (!isObject(wanted)) throw invalid('A list in a list');
  const [name = ''] = Object.keys(wanted);
  const value = only(wanted, name);
  if (Object.hasOwn(texts, name)) return some((texts[name] ?? ignoreCase)(value));
  if (name === 'numeric') return some(numeric(value));
  if (name === 'anything-but') return anythingBut(value);
  if (name === 'exists') {
    if (typeof value !== 'boolean') throw invalid('exists match pattern must be either true or false.');
    return (values) => values.length > 0 === value;
  }
  if (name === 'cidr') throw notSupported('The event pattern cidr');
  throw invalid(`Unrecognized match type ${name}`);
};

/** The values at a field: the elements of a list each count, an object is no value. */
const leavesOf = (value: unknown): Leaf[] =>
  Array.isArray(value) ? value.flatMap(leavesOf) : isLeaf(value) ? [value] : [];

const objectsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.flatMap(objectsOf) : isObject(value) ? [value] : [];

const fieldMatcher = (name: string, wanted: unknown): Matcher => {
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw invalid(`Empty arrays are not allowed: ${name}`);
    const tests = wanted.map(leafTest);
    return (event) => {
      const values = leavesOf(ownField(event, name));
      return tests.some((test) => test(values));
    };
  }
  if (!isObject(wanted)) throw invalid(`"${name}" must be an object or an array`);
  const matches = objectMatcher(wanted);
  // Of a list of objects one must have all that is asked; if there is none, only absence can be asked for.
  return (event) => {
    const objects = objectsOf(ownField(event, name));
    return objects.length === 0 ? matches({}) : objects.some(matches);
  };
};

const ownField = (event: unknown, name: string): unknown =>
  isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;

const objectMatcher = (pattern: Record<string, unknown>): Matcher => {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalid('Empty objects are not allowed');
  const matchers = entries.map(([name, wanted]): Matcher => {
    if (name !== '$or') return fieldMatcher(name, wanted);
    if (!Array.isArray(wanted) || wanted.length < 2 || !wanted.every(isObject))
      throw invalid('$or must be an array of at least two objects');
    const choices = wanted.map(objectMatcher);
    return (event) => choices.some((matches) => matches(event));
  });
  return (event) => matchers.every((matches) => matches(event));
};

/** Reads an EventBridge event pattern; one that EventBridge would refuse is refused here. */
export const eventPattern = (pattern: unknown): Matcher => {
  if (!isObject(pattern)) throw invalid('Filter is not an object');
  return objectMatcher(pattern);
};
