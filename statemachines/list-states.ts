import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allStates, camel, functionKeyOf, kebab, machineFolder, readMachines } from './read-machines.ts';

/**
 * `npm run states`: for each state where its code, its test and its description are. Fails on a gap, so that a
 * person who sees a red box in the console finds the rest by its name.
 */
const gaps: string[] = [];
const must = (path: string, name: string, what: string): string => {
  if (existsSync(path)) return path;
  gaps.push(`${name}: ${what} is missing (${path})`);
  return '—';
};

const readme = join(machineFolder, 'README.md');
const headings = existsSync(readme) ? readFileSync(readme, 'utf8').split('\n') : [];

for (const machine of readMachines()) {
  const entries = readFileSync(join('functions', machine.name, 'functions.yml'), 'utf8');
  console.log(`\n${machine.name}`);
  for (const [name, state] of allStates(machine)) {
    if (!headings.includes(`### ${name}`)) gaps.push(`${name}: ${readme} has no heading for it (npm run diagrams)`);
    const anchor = `${readme}#${name.toLowerCase()}`;
    if (state.Type !== 'Task') {
      console.log(`  ${name.padEnd(16)} ${state.Type.padEnd(44)} ${anchor}`);
      continue;
    }
    const folder = join('functions', machine.name, kebab(name));
    must(join(folder, 'handler.ts'), name, 'the handler');
    must(join(folder, `${kebab(name)}.ts`), name, 'the domain function');
    const test = must(join('test', 'unit', 'steps', `${kebab(name)}.test.ts`), name, 'the test');
    if (functionKeyOf(state) !== camel(name)) gaps.push(`${name}: its Resource is not the function ${camel(name)}`);
    if (!new RegExp(`^${camel(name)}:`, 'm').test(entries))
      gaps.push(`${name}: functions.yml has no entry ${camel(name)}`);
    const handler = existsSync(join(folder, 'handler.ts')) ? readFileSync(join(folder, 'handler.ts'), 'utf8') : '';
    if (!handler.includes(`name: '${name}'`)) gaps.push(`${name}: its handler does not call itself ${name}`);
    console.log(`  ${name.padEnd(16)} ${folder.padEnd(44)} ${test.padEnd(44)} ${anchor}`);
  }
}

if (gaps.length > 0) {
  console.error(`\nGaps:\n${gaps.map((gap) => `- ${gap}`).join('\n')}`);
  process.exit(1);
}
console.log('\nEvery state has its folder, its test and its description.');
