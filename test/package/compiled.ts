import { join } from 'node:path';
import { projectRoot } from '../../local/root.ts';
import { packageService } from '../../local/template/package-service.ts';
import { createResolver } from '../../local/template/resolve.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { templateSchema, type Target, type Template } from '../../local/template/schema.ts';

/** Two cold packagings at once on a slow machine. */
export const packagingMillis = 120_000;

export const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** Every switch that goes with the others: suites that look at one of them share a packaging. */
export const everySwitch = {
  RAPPORTEUR_CLEAN_UP_ZOOM: 'trash',
  RAPPORTEUR_MEDIA_TASK: 'on',
  RAPPORTEUR_MEDIA_IMAGE: 'media-1',
  RAPPORTEUR_TRANSCRIPTION: 'transcribe',
  RAPPORTEUR_INSIGHTS: 'bedrock',
  RAPPORTEUR_BEDROCK_MODEL: model,
};
/** Of speech recognition there is one driver at a time. */
export const symblSwitches = {
  RAPPORTEUR_TRANSCRIPTION: 'symbl',
  RAPPORTEUR_INSIGHTS: 'symbl',
  RAPPORTEUR_SYMBL_URL: 'https://symbl.example.org',
  RAPPORTEUR_SYMBL_SECRET: 'rapporteur/dev/symbl',
};

/** What a deploy of this stage would hand to CloudFormation. The cache is the one that all suites share. */
export const compile = async (stage: string, environment: Record<string, string> = {}): Promise<Template> => {
  const folder = process.env['RAPPORTEUR_DATA'] ?? join(projectRoot(), '.local');
  const { template } = await packageService({ root: projectRoot(), folder, stage, environment });
  return templateSchema.parse(template);
};

/** One of the regions with the longest names, which some names of resources hold. */
export const region = 'ap-southeast-1';

export const target = (stage: string): Target => ({
  region,
  accountId: '123456789012',
  stage,
  partition: 'aws',
});

/** The template with every Ref, Fn::GetAtt and Fn::Sub worked out, as far as the local cloud can. */
export const resolved = (template: Template, stage: string) => createResolver(template, target(stage)).resolve;
export const deployed = (template: Template, stage: string) => readTemplate(template, target(stage));

export const ofType = (template: Template, type: string) =>
  Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
    resource.Type === type ? [{ logicalId, ...resource }] : [],
  );
