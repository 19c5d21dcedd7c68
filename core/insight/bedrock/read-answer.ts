import type { ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime';
import { report, toolName, type Report } from './tool.ts';

/** What Converse says, as far as it is read. */
export type Answer = Pick<ConverseCommandOutput, 'output' | 'stopReason'>;

/** `because` is for the model that is asked again, and for a person; it holds nothing of what the model wrote. */
export type Read = { readonly report: Report } | { readonly because: string; readonly refused: boolean };

const refusals: Readonly<Record<string, string>> = {
  content_filtered: 'a filter of the model held its answer back',
  guardrail_intervened: 'a guardrail held its answer back',
};
const broken: Readonly<Record<string, string>> = {
  max_tokens: 'it was cut off because it was too long; be brief, with the most important items alone',
  model_context_window_exceeded:
    'it was cut off because it was too long; be brief, with the most important items alone',
  malformed_model_output: 'it was not well-formed',
  malformed_tool_use: 'the call of the tool was not well-formed',
};

export const readAnswer = ({ output, stopReason = 'end_turn' }: Answer): Read => {
  const refusal = refusals[stopReason];
  if (refusal) return { because: refusal, refused: true };
  const fault = broken[stopReason];
  if (fault) return { because: fault, refused: false };
  const uses = (output?.message?.content ?? []).flatMap(({ toolUse }) => toolUse ?? []);
  const use = uses.find(({ name }) => name === toolName);
  if (!use) return { because: `it did not call ${toolName}`, refused: uses.length === 0 };
  const parsed = report.safeParse(use.input);
  if (parsed.success) return { report: parsed.data };
  const [issue] = parsed.error.issues;
  // Only names that are ours: the input may have keys of any kind.
  const where = (issue?.path ?? []).filter((part) => typeof part === 'number' || known.has(String(part))).join('.');
  return { because: `${where || 'its input'} was not as the tool describes it`, refused: false };
};

const known = new Set([
  ...Object.keys(report.shape),
  ...[
    'short',
    'paragraphs',
    'text',
    'title',
    'segmentIds',
    'startSegmentId',
    'assignee',
    'with',
    'due',
    'askedBy',
    'answered',
    'answer',
  ],
]);
