import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, deployed, packagingMillis, resolved, symblSwitches } from './compiled.ts';
import { allowed } from './policies.ts';

const { complaints, warnings } = createRequire(import.meta.url)('../../core/stage/check-settings.cjs') as {
  complaints: (stage: string, values: Record<string, unknown>) => string[];
  warnings: (values: Record<string, unknown>) => string[];
};

let off: Template;
let on: Template;
beforeAll(async () => {
  [off, on] = await Promise.all([compile('dev'), compile('dev', symblSwitches)]);
}, packagingMillis);

const functionsOf = (template: Template) => deployed(template, 'dev').functions;

test('where nobody has asked for a Symbl-compatible service, nothing of it is in the template', () => {
  expect(JSON.stringify(off)).not.toMatch(/symbl/i);
});

describe('with a Symbl-compatible service', () => {
  test('there is one route for what it tells, polling beside it, and nothing of Amazon Transcribe', () => {
    const { routes, schedules } = deployed(on, 'dev');
    expect(JSON.stringify(routes)).toContain('"/callbacks/symbl/{jobId}/{secret}"');
    expect(schedules.map(({ name }) => name)).toContain('rapporteur-dev-poll-transcriptions');
    const actions = allowed(on, resolved(on, 'dev')).flatMap((one) => one.actions);
    expect(actions.filter((action) => action.startsWith('transcribe:'))).toEqual([]);
    expect(functionsOf(on).map(({ key }) => key)).not.toContain('transcriptionEnded');
  });

  test('who speaks to it knows its address and the name of its secret, and may read that secret', () => {
    const speakers = ['readTranscript', 'startTranscription', 'awaitTranscription', 'pollTranscriptions', 'symblCallback', 'findInsights']; // prettier-ignore
    const rights = allowed(on, resolved(on, 'dev'));
    for (const key of speakers) {
      const found = functionsOf(on).find((one) => one.key === key);
      expect([key, found?.environment]).toEqual([
        key,
        expect.objectContaining({ SYMBL_URL: 'https://symbl.example.org', SYMBL_SECRET: 'rapporteur/dev/symbl', TRUSTED_ORIGINS: '' }),
      ]); // prettier-ignore
      const role = on.Resources[found?.logicalId ?? '']?.Properties?.['Role'];
      const readers = rights.filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'));
      const secrets = readers
        .filter((one) => JSON.stringify(role).includes(one.role))
        .flatMap(({ resources }) => resources);
      expect([key, secrets.join()]).toEqual([key, expect.stringMatching(/secret:rapporteur\/dev\/symbl-\?{6}/)]);
    }
  });

  test('its address goes to no other function', () => {
    const others = functionsOf(on).filter(({ environment }) => environment['SYMBL_URL'] !== undefined);
    expect(others).toHaveLength(6);
  });
});

describe('the settings of a Symbl-compatible service', () => {
  const defaults = Object.fromEntries(
    [...readFileSync('serverless.yml', 'utf8').matchAll(/^ {4}(\w+): \$\{env:\w+, (?:'(.*)'|(\d+))\}$/gm)].map(
      ([, key = '', text = '', number]) => [key, number ?? text.replace('${sls:stage}', 'prod')],
    ),
  );
  const complete = { ...defaults, mailFrom: 'rapporteur@university.edu' };
  const set = { symblUrl: 'https://symbl.example.org', symblSecret: 'rapporteur/prod/symbl' };

  test('must be complete', () => {
    expect(complaints('prod', { ...complete, ...set, transcription: 'symbl', insights: 'symbl' })).toEqual([]);
    expect(complaints('prod', { ...complete, transcription: 'symbl' })).toEqual([
      expect.stringContaining('symblUrl: must be set'),
      expect.stringContaining('symblSecret: must be set'),
    ]);
    expect(complaints('prod', { ...complete, ...set, insights: 'symbl' })).toEqual([
      expect.stringContaining('transcription must be symbl too'),
    ]);
  });

  test('come with a warning that the public service is gone', () => {
    expect(warnings({ ...complete, ...set, transcription: 'symbl' })).toEqual([
      expect.stringMatching(/is gone\. .*https:\/\/symbl\.example\.org/),
    ]);
    expect(warnings(complete)).toEqual([]);
  });
});
