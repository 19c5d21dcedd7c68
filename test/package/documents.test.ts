import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { failures } from '../../core/step/failures.ts';
import { recordingEvent } from '../../core/zoom/events.ts';
import type { Template } from '../../local/template/schema.ts';
import { compile, packagingMillis } from './compiled.ts';

const readme = readFileSync('README.md', 'utf8');
let template: Template;
beforeAll(async () => {
  template = await compile('dev');
}, packagingMillis);

describe('the README', () => {
  test('explains every failure as the table of failures does, and no other', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)].filter(
      ([, code = '']) => !code.startsWith('RAPPORTEUR_'),
    );
    const told = Object.fromEntries(rows.map(([, code = '', sentence, action]) => [code, { sentence, action }]));
    expect(told).toEqual(failures);
  });

  test('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !scripts[name])).toEqual([]);
  });

  test('names outputs that the stack has', () => {
    const named = [...readme.matchAll(/`(\w+(?:Url|Arn|Name|Console))`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !template.Outputs[name])).toEqual([]);
  });

  test('asks for the events that the webhook understands', () => {
    const named = [...readme.matchAll(/`(recording\.\w+)`/g)].map(([, name = '']) => name);
    expect([...new Set(named)].sort()).toEqual([...recordingEvent.shape.event.options].sort());
  });
});

describe('the workflows', () => {
  const folder = join('.github', 'workflows');
  type Step = { uses?: string; run?: string };
  type Workflow = {
    permissions: Record<string, string>;
    jobs: Record<string, { steps: Step[]; permissions?: unknown }>;
  };
  const workflows = readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return { name, text, workflow: parse(text) as Workflow };
  });
  const steps = workflows.flatMap(({ workflow }) => Object.values(workflow.jobs).flatMap((job) => job.steps));

  test('use official actions alone, at a pinned major version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(3);
    for (const action of used)
      expect(action).toMatch(/^(actions\/(checkout|setup-node)|aws-actions\/configure-aws-credentials)@v\d+$/);
  });

  test('hold no key: AWS trusts the run', () => {
    for (const { name, text, workflow } of workflows) {
      expect([name, /secrets\.|access[-_]key|password/i.test(text)]).toEqual([name, false]);
      const isDeploying = text.includes('sls deploy');
      expect(workflow.permissions).toEqual(
        isDeploying ? { contents: 'read', 'id-token': 'write' } : { contents: 'read' },
      );
    }
  });

  test('run commands that exist, and put nothing that a person typed into a shell line', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    for (const { run = '' } of steps) {
      for (const [, name = ''] of run.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(name);
      expect(run).not.toContain('${{');
    }
  });
});
