import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../local/template/deployment.ts';
import { allStates, camel, functionKeyOf, kebab, readMachines } from '../../statemachines/read-machines.ts';
import { compile, deployed, everySwitch, packagingMillis, symblSwitches } from './compiled.ts';

let deployment: Pick<Deployment, 'functions'>;
beforeAll(async () => {
  // With every switch on that brings functions along.
  const stages = await Promise.all([compile('dev', everySwitch), compile('dev', symblSwitches)]);
  const all = stages.flatMap((template) => deployed(template, 'dev').functions);
  deployment = { functions: [...new Map(all.map((one) => [one.key, one])).values()] };
}, packagingMillis);

const tasks = readMachines().flatMap((machine) =>
  allStates(machine).flatMap(([name, state]) =>
    state.Type === 'Task' ? [{ machine: machine.name, name, state }] : [],
  ),
);
const folders = (group: string) =>
  readdirSync(join('functions', group), { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? [one.name] : [],
  );

describe('one name in many places', () => {
  test.each(tasks.map(({ machine, name, state }) => [name, machine, state] as const))(
    'the state %s is a function, a folder, a handler and a test',
    (name, machine, state) => {
      expect(functionKeyOf(state)).toBe(camel(name));
      const folder = join('functions', machine, kebab(name));
      expect(readFileSync(join(folder, 'handler.ts'), 'utf8')).toContain(`name: '${name}'`);
      expect(existsSync(join(folder, `${kebab(name)}.ts`))).toBe(true);
      expect(existsSync(join('test', 'unit', 'steps', `${kebab(name)}.test.ts`))).toBe(true);
      const fn = deployment.functions.find(({ key }) => key === camel(name));
      expect(fn?.handler).toBe(`${folder}/handler.handler`);
      expect(fn?.name).toBe(`rapporteur-dev-${camel(name)}`);
    },
  );

  test('each folder of a machine belongs to a state of it', () => {
    for (const { name: machine } of readMachines())
      expect(folders(machine).sort()).toEqual(
        tasks
          .filter((task) => task.machine === machine)
          .map(({ name }) => kebab(name))
          .sort(),
      );
  });

  test.each(['http', 'events'])('each folder of functions/%s is a function that bears its name', (group) => {
    for (const folder of folders(group)) {
      const key = camel(folder.replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase()));
      expect(readFileSync(join('functions', group, folder, 'handler.ts'), 'utf8')).toContain(`name: '${key}'`);
      expect(deployment.functions).toContainEqual(
        expect.objectContaining({ key, handler: `functions/${group}/${folder}/handler.handler` }),
      );
    }
  });

  test('no function is deployed that has no folder', () => {
    const groups = readdirSync('functions', { withFileTypes: true }).filter((one) => one.isDirectory());
    const all = groups.flatMap(({ name }) =>
      folders(name).map((folder) => `functions/${name}/${folder}/handler.handler`),
    );
    expect(deployment.functions.map(({ handler }) => handler).sort()).toEqual(all.sort());
  });
});
