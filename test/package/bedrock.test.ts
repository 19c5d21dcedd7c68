import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from '../../local/template/schema.ts';
import { compile, deployed, everySwitch, model, packagingMillis, region, resolved } from './compiled.ts';
import { allowed } from './policies.ts';

let off: Template;
let on: Template;
beforeAll(async () => {
  [off, on] = await Promise.all([compile('dev'), compile('dev', everySwitch)]);
}, packagingMillis);

const findInsights = (template: Template) =>
  deployed(template, 'dev').functions.find(({ key }) => key === 'findInsights');

test('where insights are not Bedrock’s, nothing of it is in the template', () => {
  expect(JSON.stringify(off)).not.toMatch(/bedrock/i);
  expect(findInsights(off)).toMatchObject({ timeoutSeconds: 120, environment: { INSIGHTS: 'extractive' } });
});

describe('where insights are Bedrock’s', () => {
  test('the function knows its inference profile and has the time that a model takes', () => {
    expect(findInsights(on)).toMatchObject({
      timeoutSeconds: 890,
      environment: { INSIGHTS: 'bedrock', BEDROCK_MODEL: model },
    });
  });

  test('it may call that profile, and the model behind it only through the profile', () => {
    const profile = `arn:aws:bedrock:${region}:123456789012:inference-profile/${model}`;
    const rights = allowed(on, resolved(on, 'dev')).filter(({ actions }) =>
      actions.some((one) => /^bedrock:/.test(one)),
    );
    expect(rights.map(({ role, actions, resources, condition }) => [role, actions, resources, condition])).toEqual([
      ['FindInsightsIamRoleLambdaExecution', ['bedrock:InvokeModel'], [profile], undefined],
      [
        'FindInsightsIamRoleLambdaExecution',
        ['bedrock:InvokeModel'],
        ['arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0'],
        { StringEquals: { 'bedrock:InferenceProfileArn': profile } },
      ],
    ]);
  });

  test('without a profile nothing is packaged', async () => {
    const failure = await compile('prod', {
      RAPPORTEUR_INSIGHTS: 'bedrock',
      RAPPORTEUR_MAIL_FROM: 'a@example.org',
    }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure).toContain('- bedrockModel: must be set where insights is bedrock.');
  });
});
