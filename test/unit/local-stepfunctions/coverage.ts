import { join } from 'node:path';
import type { Operations } from '../../../local/gateway/service.ts';
import { projectRoot } from '../../../local/root.ts';
import {
  catcherFields,
  choiceFields,
  fieldsOf,
  machineFields,
  retrierFields,
} from '../../../local/stepfunctions/fields.ts';
import { extraFunctions } from '../../../local/stepfunctions/functions.ts';
import { reachableEvents, unreachableEvents } from './coverage-events.ts';
import { unreachableErrors } from './coverage-errors.ts';
import { durability, errorNames, features } from './coverage-rows.ts';
import { refusals } from './refusals.ts';
import { errorsOf } from './sdk-model.ts';
import { readTests } from './test-titles.ts';
import type { NamedTest } from './test-titles.ts';

interface Row {
  readonly what: string;
  /** Of the tests that show it. */
  readonly tests: readonly string[];
  /** Why it needs no test. */
  readonly reason?: string;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const nameOf = ({ file, title }: NamedTest): string => `${file}: ${title}`;

/** The tests that a reference names; `…` at its end stands for the rest of a title. */
const named = (tests: readonly NamedTest[], reference: string): readonly NamedTest[] =>
  tests.filter((test) =>
    reference.endsWith('…') ? nameOf(test).startsWith(reference.slice(0, -1)) : nameOf(test) === reference,
  );

/** Tests that name something in their title or their text. */
const mentioning = (tests: readonly NamedTest[], files: readonly string[], pattern: RegExp): readonly string[] =>
  tests
    .filter(({ file, title, body }) => files.includes(file) && (pattern.test(title) || pattern.test(body)))
    .map(nameOf);

/** What must have a row, from the engine's own tables of fields. */
const expectedFeatures: readonly string[] = [
  ...Object.entries(fieldsOf).flatMap(([type, fields]) => fields.map((field) => `${type}.${field}`)),
  ...retrierFields.map((field) => `Retry.${field}`),
  ...catcherFields.map((field) => `Catch.${field}`),
  ...choiceFields.map((field) => `Choices.${field}`),
  ...machineFields.filter((field) => field === 'TimeoutSeconds').map((field) => `Machine.${field}`),
].filter((name) => !name.endsWith('.Comment'));

const allTests = (): readonly NamedTest[] =>
  readTests(['test/unit/local-stepfunctions', 'test/local/stepfunctions'].map((path) => join(projectRoot(), path)));

const tour = 'history: every type of event that AWS can tell of what runs here is told, and no other';

/** How a test calls the operation through the SDK; the fixture of those tests starts executions. */
const callOf = (operation: string): RegExp =>
  operation === 'StartExecution' ? /\bexecute\(/ : new RegExp(`\\b(new ${operation}Command|paginate${operation})\\b`);

export const sectionsOf = (operations: Operations): readonly Section[] => {
  const tests = allTests();
  const byHand = (what: string, references: readonly string[]): Row => ({
    what,
    tests: references.flatMap((reference) => {
      const found = named(tests, reference);
      if (found.length === 0) throw new Error(`The row «${what}» names a test that does not exist: ${reference}`);
      return [reference];
    }),
  });
  const missing = expectedFeatures.filter((name) => !Object.hasOwn(features, name));
  if (missing.length > 0) throw new Error(`Without a row: ${missing.join(', ')}`);
  return [
    {
      title: 'State types and their fields',
      rows: Object.entries(features).map(([what, references]) => byHand(what, references)),
    },
    {
      title: 'Operations and their errors',
      rows: Object.keys(operations)
        .sort()
        .flatMap((operation) => [
          { what: operation, tests: mentioning(tests, ['sdk'], callOf(operation)) },
          ...errorsOf(operation).map((error): Row => {
            const what = `${operation}: ${error}`;
            const reason = unreachableErrors[error];
            if (reason !== undefined) return { what, tests: [], reason };
            return byHand(what, [`sdk-errors: The SDK gets its own typed error › ${what}`]);
          }),
        ]),
    },
    {
      title: 'Types of history events',
      rows: [
        ...reachableEvents.map((type) => ({
          what: type,
          tests: [
            tour,
            ...mentioning(
              tests,
              ['history', 'states', 'branches', 'errors', 'tokens', 'redrive', 'features'],
              new RegExp(`'${type}'`),
            ),
          ].filter((name, index, all) => all.indexOf(name) === index),
        })),
        ...Object.entries(unreachableEvents).map(([what, reason]) => ({ what, tests: [], reason })),
      ],
    },
    {
      title: 'Error names',
      rows: Object.entries(errorNames).map(([what, tests]) =>
        typeof tests === 'string' ? { what, tests: [], reason: tests } : byHand(what, tests),
      ),
    },
    {
      title: 'Functions that AWS adds to JSONata, or does otherwise',
      rows: Object.keys(extraFunctions).map((name) => ({
        what: `$${name}`,
        tests: tests.filter(({ file, title }) => file === 'expressions' && title.includes(`$${name}(`)).map(nameOf),
      })),
    },
    {
      title: 'Refused by name when a machine is created',
      rows: refusals.map(([what]) =>
        byHand(what, [`validation: A machine is refused, by state and field, for › ${what}`]),
      ),
    },
    {
      title: 'Refused by name when an operation is called',
      rows: [
        byHand('What the local cloud does not do', [
          'sdk-errors: What the local cloud does not do is refused by name › …',
        ]),
      ],
    },
    { title: 'Durability', rows: Object.entries(durability).map(([what, references]) => byHand(what, references)) },
  ];
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const shown = ({ tests, reason }: Row): string => {
  if (reason !== undefined) return `does not come about: ${reason}`;
  const [first = '', second] = tests;
  const more = tests.length > 2 ? ` (and ${tests.length - 2} more)` : '';
  return cell([first, second].filter((name) => name !== undefined).join('; ')) + more;
};

/** Said once, where a reader of the table looks for it. */
const differences: readonly string[] = [
  'An expression may nest 100 deep and build values of 6,990,256 bytes, as recorded on AWS; here it may also take two seconds, for which AWS names no number, and each search by a regular expression two more.',
  'JSONata 2.0.6 runs on AWS, a later version here: what is newer is refused when the machine is created.',
  'Roles are not enforced, quotas of an account are not counted, and a redrive is possible after more than 14 days.',
  'After a restart of the local cloud the time for a heartbeat begins anew: the pause is not held against the worker. Its TimeoutSeconds goes on.',
  'DescribeStateMachine tells neither variableReferences nor encryptionConfiguration.',
];

export const coverageTable = (operations: Operations): string => {
  const sections = sectionsOf(operations);
  const bare = sections
    .flatMap(({ rows }) => rows)
    .filter(({ tests, reason }) => tests.length === 0 && reason === undefined);
  if (bare.length > 0) throw new Error(`Without a test: ${bare.map(({ what }) => what).join(', ')}`);
  return [
    '# What the local Step Functions engine does, and the tests that show it',
    '',
    'Generated from the engine, the SDK’s model and the tests by `npm test`, which fails where it is not up to date;',
    '`COVERAGE=write npm test -- local-stepfunctions/coverage` writes it. Tests lie in `test/unit/local-stepfunctions` and',
    '`test/local/stepfunctions`; each is named with its file. `%s` stands for the rows of a table of tests, `…` for all tests of a group.',
    '',
    '## Where it differs from AWS',
    '',
    ...differences.map((difference) => `- ${difference}`),
    ...sections.flatMap(({ title, rows }) => [
      '',
      `## ${title}`,
      '',
      // Columns as wide as their longest cell would make the file three times as long.
      '<!-- prettier-ignore -->',
      '| What | Tests |',
      '| --- | --- |',
      ...rows.map((row) => `| ${cell(row.what)} | ${shown(row)} |`),
    ]),
    '',
  ].join('\n');
};
