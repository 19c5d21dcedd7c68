import * as z from 'zod';
import { insightsConfig, openEngine } from '../../../core/aws/insight-engine.ts';
import { jobTableConfig, openJobTable } from '../../../core/aws/job-table.ts';
import { archiveConfig, textObjects } from '../../../core/aws/objects.ts';
import { readConfig } from '../../../core/step/config.ts';
import { step } from '../../../core/step/step.ts';
import { findInsights, input } from './find-insights.ts';

const config = readConfig(z.object({ ...jobTableConfig, ...archiveConfig, ...insightsConfig }));
const jobs = openJobTable(config);

export const handler = step({
  name: 'FindInsights',
  input,
  progress: jobs.progress,
  run: findInsights({ jobs, objects: textObjects(config), engine: openEngine(config.insights) }),
});
