import type { ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { PermanentError } from '../../step/errors.ts';
import type { InsightEngine } from '../engine.ts';
import { chunksOf } from './chunks.ts';
import { mergeReports } from './merge-reports.ts';
import { readAnswer, type Answer } from './read-answer.ts';
import { insightsRequest, overviewRequest } from './request.ts';
import { toInsights } from './to-insights.ts';
import type { Report } from './tool.ts';

export type Converse = (request: ConverseCommandInput, signal: AbortSignal) => Promise<Answer>;

type Options = {
  readonly converse: Converse;
  /** The id of an inference profile, or of a model that is offered without. */
  readonly model: string;
  readonly mostTokens?: number;
};

/** Insights by a model of Amazon Bedrock. One question for each part of the transcript, each asked twice at the most. */
export const bedrockEngine =
  ({ converse, model, mostTokens }: Options): InsightEngine =>
  async (transcript, meeting, signal) => {
    const ask = async (requestWith: (complaint?: string) => ConverseCommandInput): Promise<Report> => {
      const first = readAnswer(await converse(requestWith(), signal));
      if ('report' in first) return first.report;
      const second = readAnswer(await converse(requestWith(first.because), signal));
      if ('report' in second) return second.report;
      throw new PermanentError(
        second.refused ? 'MODEL_REFUSED' : 'MODEL_ANSWER_UNUSABLE',
        `${model}: ${second.because}`,
      );
    };

    const people = transcript.speakers.map(({ name }) => name);
    const chunks = chunksOf(transcript, mostTokens);
    if (chunks.length === 0) return undefined;
    const reports: Report[] = [];
    // One after another: side by side they would only be throttled sooner.
    for (const [index, lines] of chunks.entries()) {
      const part = { index, count: chunks.length };
      reports.push(await ask((complaint) => insightsRequest({ model, meeting, people, part, lines, complaint })));
    }
    const [only] = reports;
    if (only && reports.length === 1) return toInsights(only, transcript, model);
    const overviews = reports.map(({ summary }) => [summary.short, ...summary.paragraphs].join('\n'));
    const { summary } = await ask((complaint) => overviewRequest({ model, overviews, complaint }));
    return toInsights(mergeReports(reports, summary), transcript, model);
  };
