import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { errorCases } from '../../local/stepfunctions/error-cases.ts';
import { refusals } from './refusals.ts';

export interface NamedTest {
  /** Of the file, without `.test.ts`. */
  readonly file: string;
  /** With those of the groups around it; a test of a table has one for each row. */
  readonly title: string;
  /** What the test does, as it is written. */
  readonly body: string;
}

type Columns = Readonly<Record<string, string>>;

/** Tables that a test file imports: their rows, by the marks that stand for them in a title. */
const imported: Readonly<Record<string, readonly Columns[]>> = {
  refusals: refusals.map(([name]) => ({ '%s': name })),
  errorCases: errorCases.map(({ operation, error }) => ({ $operation: operation, $error: error })),
};

const textOf = (node: ts.Node): string =>
  ts.isStringLiteralLike(node) ? node.text : node.getText().replace(/\s+/g, ' ');

const fill = (title: string, columns: readonly string[]): string => {
  const left = [...columns];
  return title.replace(/%[spj]/g, (mark) => left.shift() ?? mark);
};

const fillByName = (title: string, columns: Columns): string =>
  Object.entries(columns).reduce((filled, [mark, text]) => filled.replace(mark, text), title);

/** The titles of `test.each(table)`, one for each row; a table that is computed stays one. */
const titlesOf = (title: string, table: ts.Node): readonly string[] => {
  const list = ts.isArrayLiteralExpression(table) ? table.elements : [table];
  return list.flatMap((element) => {
    const named = imported[(ts.isSpreadElement(element) ? element.expression : element).getText()];
    if (named) return named.map((columns) => fillByName(title, columns));
    if (element === table) return [title];
    return [fill(title, ts.isArrayLiteralExpression(element) ? element.elements.map(textOf) : [textOf(element)])];
  });
};

/** `test`, `describe` and their `.each(table)`. */
const readCall = (node: ts.Node) => {
  if (!ts.isCallExpression(node)) return undefined;
  const [title, body] = node.arguments;
  if (!title || !body || !ts.isStringLiteralLike(title)) return undefined;
  const each = ts.isCallExpression(node.expression) ? node.expression : undefined;
  const name = (each ? each.expression : node.expression).getText().replace(/\.each$/, '');
  if (name !== 'test' && name !== 'describe') return undefined;
  const table = each?.arguments[0];
  return {
    isTest: name === 'test',
    titles: table ? titlesOf(title.text, table) : [title.text],
    body,
  };
};

const testsIn = (path: string): readonly NamedTest[] => {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const file = basename(path, '.test.ts');
  const visit = (node: ts.Node, around: readonly string[]): readonly NamedTest[] => {
    const call = readCall(node);
    if (!call) return children(node, around);
    const { titles, body } = call;
    if (!call.isTest) return titles.flatMap((title) => children(body, [...around, title]));
    return titles.map((title) => ({ file, title: [...around, title].join(' › '), body: body.getText() }));
  };
  const children = (node: ts.Node, around: readonly string[]): readonly NamedTest[] => {
    const found: NamedTest[] = [];
    ts.forEachChild(node, (child) => void found.push(...visit(child, around)));
    return found;
  };
  return children(source, []);
};

export const readTests = (folders: readonly string[]): readonly NamedTest[] =>
  folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts'))
      .sort()
      .flatMap((name) => testsIn(join(folder, name))),
  );
