import * as z from 'zod';
import { bedrockEngine } from '../insight/bedrock/bedrock-engine.ts';
import { engineNames, type InsightEngine } from '../insight/engine.ts';
import { findInsights } from '../insight/find-insights.ts';
import { readConfig } from '../step/config.ts';
import { bedrockConverse } from './bedrock.ts';

export const insightsConfig = { insights: z.enum(engineNames) };

const bedrockConfig = z.object({ bedrockModel: z.string().min(1, 'expected the id of an inference profile') });

/** Only what an engine needs is read and opened. */
const engines: Readonly<Record<(typeof engineNames)[number], () => InsightEngine | undefined>> = {
  extractive: () => (transcript) => Promise.resolve(findInsights(transcript)),
  bedrock: () => bedrockEngine({ converse: bedrockConverse(), model: readConfig(bedrockConfig).bedrockModel }),
  none: () => undefined,
};

export const openEngine = (name: (typeof engineNames)[number]): InsightEngine | undefined => engines[name]();
