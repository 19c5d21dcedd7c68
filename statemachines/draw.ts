import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allStates, kebab, machineFolder, readMachines, type Flow, type Machine, type State } from './read-machines.ts';

/** `npm run diagrams` writes statemachines/README.md from the machines; `-- --check` fails where it is stale. */
const target = join(machineFolder, 'README.md');

const label = (condition: string): string =>
  condition
    .replace(/^\{%\s*|\s*%\}$/g, '')
    .replace(/\$states\.input\./g, '')
    .replace(/'/g, '');

const boxOf = (name: string, { Type }: State): string => {
  if (Type === 'Choice') return `${name}{${name}}`;
  if (Type === 'Wait') return `${name}[/${name}/]`;
  if (Type === 'Succeed' || Type === 'Fail') return `${name}([${name}])`;
  return `${name}[${name}]`;
};

const drawFlow = ({ States, StartAt }: Flow, indent: string, start: string): string[] => [
  `${indent}${start}(( )) --> ${StartAt}`,
  ...Object.entries(States).flatMap(([name, state]) => {
    const lines = state.ItemProcessor
      ? [`${indent}subgraph ${name}`, ...drawFlow(state.ItemProcessor, `${indent}  `, `${name}Start`), `${indent}end`]
      : [`${indent}${boxOf(name, state)}`];
    for (const choice of state.Choices ?? [])
      lines.push(`${indent}${name} -->|${label(choice.Condition)}| ${choice.Next}`);
    if (state.Default) lines.push(`${indent}${name} -->|otherwise| ${state.Default}`);
    if (state.Next) lines.push(`${indent}${name} --> ${state.Next}`);
    for (const caught of state.Catch ?? [])
      if (caught.Next !== state.Next) lines.push(`${indent}${name} -.->|on failure| ${caught.Next}`);
    return lines;
  }),
];

const describe = (machine: Machine, [name, state]: [string, State]): string[] => {
  const folder = `functions/${machine.name}/${kebab(name)}`;
  const what =
    state.Comment ?? { Choice: 'Branches on one field', Succeed: 'The execution ends here' }[state.Type] ?? '';
  const nexts = [...(state.Choices ?? []).map((choice) => choice.Next), state.Default, state.Next].filter(
    (next) => next !== undefined,
  );
  return [
    `### ${name}`,
    '',
    `${what}.`,
    '',
    ...(state.Type === 'Task'
      ? [
          `- Code: [\`${folder}\`](../${folder})`,
          `- Test: [\`${kebab(name)}.test.ts\`](../test/unit/steps/${kebab(name)}.test.ts)`,
        ]
      : []),
    `- ${state.Type}${nexts.length > 0 ? `, then ${[...new Set(nexts)].join(' or ')}` : ''}${state.Retry ? ', retried as the file says' : ''}`,
    '',
  ];
};

const page = [
  '# The state machines',
  '',
  'Generated from the machines by `npm run diagrams`; edit the YAML, not this page.',
  '',
  ...readMachines().flatMap((machine) => [
    `## ${machine.name}`,
    '',
    `${machine.comment}: [\`${machine.name}.yml\`](${machine.name}.yml).`,
    '',
    '```mermaid',
    'flowchart TD',
    ...drawFlow(machine, '  ', 'Start'),
    '```',
    '',
    ...allStates(machine).flatMap((one) => describe(machine, one)),
  ]),
].join('\n');

const text = `${page.trimEnd()}\n`;
if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch {
    // Absent is stale.
  }
  if (current !== text) {
    console.error(`${target} does not fit the machines. Run \`npm run diagrams\` and commit the result.`);
    process.exit(1);
  }
  console.log(`${target} fits the machines.`);
} else {
  writeFileSync(target, text);
  console.log(`${target} is written.`);
}
