import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { compile, packagingMillis } from './compiled.ts';

const { complaints, environmentNames } = createRequire(import.meta.url)('../../core/stage/check-settings.cjs') as {
  complaints: (stage: string, values: Record<string, unknown>) => string[];
  environmentNames: () => string[];
};

/** The defaults of serverless.yml, with the one value that has none. */
const complete: Record<string, string | number> = {
  ...Object.fromEntries(
    [...readFileSync('serverless.yml', 'utf8').matchAll(/^ {4}(\w+): \$\{env:\w+, (?:'(.*)'|(\d+))\}$/gm)].map(
      ([, key = '', text = '', number]) => [key, number ? Number(number) : text.replace('${sls:stage}', 'prod')],
    ),
  ),
  mailFrom: 'rapporteur@university.edu',
};

describe('the settings of a stage', () => {
  test('are complete as the defaults have them, and as text from the environment', () => {
    expect(complaints('prod', complete)).toEqual([]);
    const text = Object.fromEntries(Object.entries(complete).map(([key, value]) => [key, String(value)]));
    expect(complaints('prod', text)).toEqual([]);
  });

  test.each([
    ['mailFrom', 'nobody'],
    ['mailFrom', ''],
    ['mailFrom', 'Rapporteur <rapporteur@university.edu>'],
    ['alarmMail', 'nobody'],
    ['mailAlso', 'library'],
    ['mailAlso', 'alternative-hosts, alternative hosts'],
    ['mailAlso', Array.from({ length: 21 }, (_, index) => `a${index}@university.edu`).join()],
    ['mailNever', 'university'],
    ['mailNever', 'a@b@university.edu'],
    ['mailOnLateTranscript', 'yes'],
    ['mailOnSkip', 'sometimes'],
    ['silenceHours', '169'],
    ['silenceHours', 'often'],
    ['silenceHours', ''],
    ['silenceHours', '1.5'],
    ['silenceHours', '-1'],
    ['dataAtRemove', 'retain'],
    ['logRetentionDays', '91'],
    ['logRetentionDays', '0'],
    ['minimumDurationMinutes', '-5'],
    ['minimumDurationMinutes', '5 minutes'],
    ['zoomWaitMinutes', '601'],
    ['transcription', 'zoom'],
    ['symblCap', '0'],
    ['symblUrl', 'http://symbl.university.edu'],
    ['symblUrl', 'https://user@symbl.university.edu'],
    ['symblSecret', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x'],
    ['insights', 'zoom'],
    ['insights', ''],
    ['bedrockModel', 'arn:aws:bedrock:eu-west-1:1:inference-profile/x'],
    ['bedrockModel', 'anthropic.claude'],
    ['mediaTask', 'yes'],
    ['mediaImage', 'registry/media:1'],
    ['mediaTaskStorageGib', '20'],
    ['mediaTaskStorageGib', '201'],
    ['functionSeconds', '0'],
    ['functionSeconds', '721'],
    ['wantedFiles', 'MP4,,M4A'],
    ['wantedHosts', '!'],
    ['wantedTopics', 'x'.repeat(801)],
    ['archiveNames', ''],
    ['archiveNames', '{topic}/{segment}-{view}.{ext}'],
    ['cleanUpZoom', 'delete'],
    ['cleanUpZoom', ''],
    ['cleanUpAfterDays', '0'],
    ['cleanUpAfterDays', '366'],
    ['webhookWindowSeconds', '59'],
    ['webhookWindowSeconds', '1e4'],
    ['zoomSecret', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x'],
    ['zoomSecret', 'a*'],
    ['linkDays', '0'],
    ['linkDays', '731'],
    ['smtpSecret', 'smtp://mail.university.edu'],
    ['zoomApiUrl', 'http://api.zoom.us/v2'],
    ['zoomOauthUrl', 'zoom.us'],
  ])('%s: %j is refused with what it must be and an example', (key, value) => {
    const found = complaints('prod', { ...complete, [key]: value });
    expect(found).toEqual([expect.stringMatching(new RegExp(`^${key}: must be .+ Example: RAPPORTEUR_[A-Z_]+=.+$`))]);
  });

  test('that are templates or patterns are refused with what is wrong in them', () => {
    const archiveNames = '{folder}/{uuid}/{segment}-{view}';
    expect(complaints('prod', { ...complete, archiveNames, wantedFiles: 'MP4,' })).toEqual([
      expect.stringMatching(/^wantedFiles: .*, but there is nothing between two commas, or behind a !\. Example: /),
      expect.stringMatching(
        /^archiveNames: must be a template .*, but it must end in \.\{ext\}; there is no \{folder\} here; .*\. Example: /,
      ),
    ]);
  });

  test('give an example that is itself accepted', () => {
    for (const key of Object.keys(complete)) {
      const [line = ''] = complaints('prod', { ...complete, [key]: '?' });
      const example = /Example: [A-Z_]+=(.+)$/.exec(line)?.[1] ?? '';
      expect([key, complaints('prod', { ...complete, [key]: example })]).toEqual([key, []]);
    }
  });

  test('that nobody knows are named, with those there are', () => {
    expect(complaints('prod', { ...complete, mailfrom: 'x' })).toEqual([
      expect.stringMatching(/^mailfrom: there is no such setting.*mailFrom/),
    ]);
  });

  test.each(['Prod', 'a_b', '1', 'a-stage-with-21-letters', ''])('the stage %j is refused', (stage) => {
    expect(complaints(stage, complete)).toEqual([expect.stringContaining('--stage prod')]);
  });

  test('stand in .env.example, each under its name in the environment', () => {
    const names = [...readFileSync('.env.example', 'utf8').matchAll(/^(?:# )?(RAPPORTEUR_[A-Z_]+)=/gm)].map(
      ([, name]) => name,
    );
    expect(names.sort()).toEqual(environmentNames().sort());
    const read = [...readFileSync('serverless.yml', 'utf8').matchAll(/\$\{env:(RAPPORTEUR_[A-Z_]+)/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(read)].sort()).toEqual(environmentNames().sort());
  });

  test(
    'that are wrong stop the packaging with one message that names them all',
    async () => {
      const environment = { RAPPORTEUR_SILENCE_HOURS: 'often', RAPPORTEUR_LOG_RETENTION_DAYS: '91' };
      const failure = await compile('prod', environment).then(
        () => '',
        (error: Error) => error.message,
      );
      expect(failure).toContain('The stage prod is not configured completely:');
      for (const name of ['mailFrom', 'silenceHours', 'logRetentionDays'])
        expect(failure).toContain(`- ${name}: must be`);
      expect(failure.match(/^- /gm)).toHaveLength(3);
      expect(failure).toContain('.env.prod');
    },
    packagingMillis,
  );
});
