import * as z from 'zod';
import { bedrockEngine } from '../insight/bedrock/bedrock-engine.ts';
import { engineNames, type InsightEngine } from '../insight/engine.ts';
import { findInsights } from '../insight/find-insights.ts';
import { readConfig } from '../step/config.ts';
import { speechRows } from '../job/speech-rows.ts';
import { symblEngine } from '../symbl/symbl-engine.ts';
import { bedrockConverse } from './bedrock.ts';
import { dynamoDb } from './dynamodb.ts';
import { jobTableConfig } from './job-table.ts';
import { openSymbl, symblConfig } from './symbl.ts';

export const insightsConfig = { insights: z.enum(engineNames) };

const bedrockConfig = z.object({ bedrockModel: z.string().min(1, 'expected the id of an inference profile') });

/** Only what an engine needs is read and opened. */
const engines: Readonly<Record<(typeof engineNames)[number], () => InsightEngine | undefined>> = {
  extractive: () => (transcript) => Promise.resolve(findInsights(transcript)),
  bedrock: () => bedrockEngine({ converse: bedrockConverse(), model: readConfig(bedrockConfig).bedrockModel }),
  symbl: () => {
    const config = readConfig(z.object({ ...symblConfig, ...jobTableConfig }));
    return symblEngine({ client: openSymbl(config), rows: speechRows(dynamoDb(), config.jobTable) });
  },
  none: () => undefined,
};

export const openEngine = (name: (typeof engineNames)[number]): InsightEngine | undefined => engines[name]();
