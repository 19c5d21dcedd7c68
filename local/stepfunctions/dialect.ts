import jsonata from 'jsonata';

/** The text of an expression `{% … %}`; anything else is a literal, as on AWS, where outer blanks matter. */
export const expressionIn = (text: string): string | undefined =>
  text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : undefined;

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/**
 * What AWS refuses though the library accepts it. Expressions have no input document there: `$`, `$$` and bare names
 * mean something only inside a path, a filter or a grouping.
 */
const findForeign = (node: unknown, hasContext: boolean): string | undefined => {
  if (Array.isArray(node)) return firstOf(node, hasContext);
  if (!isNode(node)) return undefined;
  if (!hasContext) {
    if (node.type === 'name') return `the bare name '${String(node.value)}' (start from $states or a variable)`;
    if (node.type === 'wildcard' || node.type === 'descendant') return 'a wildcard without a value before it';
    if (node.type === 'variable' && node.value === '') return "'$' without a value before it";
    if (node.type === 'variable' && node.value === '$') return "'$$'";
  }
  if (node.type === 'variable' && node.value === 'eval') return "'$eval' (use $parse)";
  if (node.type === 'bind' && isNode(node.lhs) && node.lhs.value === 'states') return "an assignment to '$states'";
  if (node.type === 'path' && Array.isArray(node.steps)) {
    const [first, ...rest] = node.steps as unknown[];
    return findForeign(first, hasContext) ?? firstOf(rest, true) ?? findForeign(node.group, true);
  }
  const { stages, predicate, group, update, position: _, ...plain } = node;
  return firstOf(Object.values(plain), hasContext) ?? firstOf([stages, predicate, group, update], true);
};

const firstOf = (nodes: readonly unknown[], hasContext: boolean): string | undefined => {
  for (const node of nodes) {
    const found = findForeign(node, hasContext);
    if (found) return found;
  }
  return undefined;
};

/** Says what is wrong with the text of an expression, or nothing. */
export const problemOfExpression = (text: string): string | undefined => {
  try {
    const foreign = findForeign(jsonata(text).ast(), false);
    return foreign && `uses ${foreign}, which AWS does not accept`;
  } catch (error) {
    return `is not valid JSONata: ${error instanceof Error ? error.message : (error as { message: string }).message}`;
  }
};
