import type { Transcript } from '../transcript/transcript.ts';
import type { Insights } from './insights.ts';

export const engineNames = ['extractive', 'bedrock', 'symbl', 'none'] as const;

/** What an engine may know of the meeting beside its words. */
export type Meeting = {
  readonly jobId: string;
  readonly topic?: string | undefined;
  readonly startTime?: string | undefined;
  readonly timezone?: string | undefined;
};

/** THE port of insights. Nothing: there is nothing to tell, and nothing went wrong. */
export type InsightEngine = (
  transcript: Transcript,
  meeting: Meeting,
  signal: AbortSignal,
) => Promise<Insights | undefined>;
