import jsonata from 'jsonata';
import { extraFunctions } from './functions.ts';

/** The text of an expression `{% … %}`; anything else is a literal, as on AWS, where outer blanks matter. */
export const expressionIn = (text: string): string | undefined =>
  text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : undefined;

/** What an expression may read of `$states`: the result of a state and the error it caught are not there everywhere. */
export type Readable = 'input' | 'context' | 'result' | 'errorOutput';

export const always: readonly Readable[] = ['input', 'context'];

/** The functions of JSONata 2.0.6, which AWS runs, without `$eval`, and those that AWS adds. */
const knownFunctions: ReadonlySet<string> = new Set(
  [
    'sum count max min average abs floor ceil round power sqrt number formatNumber formatBase formatInteger',
    'parseInteger string length substring substringBefore substringAfter uppercase lowercase trim pad contains',
    'split join match replace base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent',
    'decodeUrl boolean not exists append sort reverse shuffle distinct zip keys lookup spread merge sift each',
    'error assert type map filter single reduce toMillis fromMillis clone',
    ...Object.keys(extraFunctions),
  ].flatMap((names) => names.split(' ')),
);

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const everyNode = (node: unknown): readonly Node[] =>
  isNode(node) ? [node, ...Object.values(node).flatMap(everyNode)] : [];

/** Where the node begins in the text: two parts of a node that begin at one place are one text used twice. */
const begin = (node: unknown): number =>
  Math.min(...everyNode(node).flatMap(({ position }) => (typeof position === 'number' ? [position] : [])));

/** Names that the expression itself gives a meaning: its variables, parameters, and names of steps. */
const namesBoundIn = (ast: unknown): ReadonlySet<unknown> =>
  new Set(
    everyNode(ast).flatMap((node) => {
      if (node.type === 'bind' && isNode(node.lhs)) return [node.lhs.value];
      if (node.type === 'lambda') return (node.arguments as Node[]).map(({ value }) => value);
      return [node.focus, node.index];
    }),
  );

/** What is called: by name, with some arguments left open, or at the end of a chain. */
const calledBy = (node: Node): unknown => {
  if (node.type === 'function' || node.type === 'partial') return node.procedure;
  return node.type === 'apply' ? node.rhs : undefined;
};

/** What is foreign in a node whatever stands around it. */
const problemOfNode = (node: Node, bound: ReadonlySet<unknown>, readable: readonly Readable[]): string | undefined => {
  if (node.type === 'variable' && node.value === 'eval') return "'$eval' (use $parse)";
  if (node.type === 'bind' && isNode(node.lhs) && node.lhs.value === 'states') return "an assignment to '$states'";
  if (node.type === 'condition' && begin(node.condition) === begin(node.then))
    return "the operator '??' or '?:', which is newer than JSONata 2.0.6";
  const called = calledBy(node);
  if (isNode(called) && called.type === 'variable' && !knownFunctions.has(String(called.value)) && called.value !== '')
    if (!bound.has(called.value)) return `the unknown function '$${String(called.value)}'`;
  if (node.type === 'path' && Array.isArray(node.steps)) {
    const [first, second] = node.steps as (Node | undefined)[];
    const isStates = first?.type === 'variable' && first.value === 'states' && second?.type === 'name';
    if (isStates && !readable.includes(second.value as Readable))
      return `'$states.${String(second.value)}', which is not there in this field`;
  }
  return undefined;
};

/**
 * What AWS refuses though the library accepts it. Expressions have no input document there: `$`, `$$` and bare names
 * mean something only inside a path, a filter or a grouping.
 */
const findWithoutContext = (node: unknown, hasContext: boolean): string | undefined => {
  if (Array.isArray(node)) return firstOf(node, hasContext);
  if (!isNode(node)) return undefined;
  if (!hasContext) {
    if (node.type === 'name') return `the bare name '${String(node.value)}' (start from $states or a variable)`;
    if (node.type === 'wildcard' || node.type === 'descendant') return 'a wildcard without a value before it';
    if (node.type === 'variable' && node.value === '') return "'$' without a value before it";
    if (node.type === 'variable' && node.value === '$') return "'$$'";
  }
  if (node.type === 'path' && Array.isArray(node.steps)) {
    const [first, ...rest] = node.steps as unknown[];
    return findWithoutContext(first, hasContext) ?? firstOf(rest, true) ?? findWithoutContext(node.group, true);
  }
  // A transformation is applied to the value it gets, so all of its parts have one.
  if (node.type === 'transform') return firstOf([node.pattern, node.update, node.delete], true);
  const { stages, predicate, group, position: _, ...plain } = node;
  return firstOf(Object.values(plain), hasContext) ?? firstOf([stages, predicate, group], true);
};

const firstOf = (nodes: readonly unknown[], hasContext: boolean): string | undefined => {
  for (const node of nodes) {
    const found = findWithoutContext(node, hasContext);
    if (found) return found;
  }
  return undefined;
};

/** Says what is wrong with the text of an expression, or nothing. */
export const problemOfExpression = (text: string, readable: readonly Readable[] = always): string | undefined => {
  try {
    const ast = jsonata(text).ast();
    const bound = namesBoundIn(ast);
    const problems = everyNode(ast).map((node) => problemOfNode(node, bound, readable));
    const foreign = findWithoutContext(ast, false) ?? problems.find((problem) => problem !== undefined);
    return foreign && `uses ${foreign}, which AWS does not accept`;
  } catch (error) {
    return `is not valid JSONata: ${error instanceof Error ? error.message : (error as { message: string }).message}`;
  }
};
