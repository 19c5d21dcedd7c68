import * as z from 'zod';
import { AwsError, notSupported } from '../gateway/aws-error.ts';

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const text = z.strictObject({ text: z.string() });
const message = z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(text) });

/** Of Converse, as far as the stand-in answers it: text in, one tool called or text out. */
export const converseShape = z.strictObject({
  messages: z.array(message),
  system: z.array(text).optional(),
  inferenceConfig: z
    .strictObject({
      maxTokens: z.number().int().min(1).optional(),
      temperature: z.number().min(0).max(1).optional(),
      topP: z.number().min(0).max(1).optional(),
      stopSequences: z.array(z.string().min(1)).max(2_500).optional(),
    })
    .optional(),
  toolConfig: z
    .strictObject({
      tools: z
        .array(
          z.strictObject({
            toolSpec: z.strictObject({
              name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
              description: z.string().min(1).optional(),
              inputSchema: z.strictObject({ json: z.looseObject({}) }),
            }),
          }),
        )
        .min(1),
      toolChoice: z
        .strictObject({
          auto: z.strictObject({}).optional(),
          any: z.strictObject({}).optional(),
          tool: z.strictObject({ name: z.string() }).optional(),
        })
        .optional(),
    })
    .optional(),
});
export type ConverseRequest = z.output<typeof converseShape>;

/** Where it runs stands in front of the model: only with that can most models be called. */
const profile = /^(us|eu|apac|jp|au|ca|us-gov|global)\.[a-z0-9-]+\.[A-Za-z0-9.:-]+$/;
const foundation = /^[a-z0-9-]+\.[A-Za-z0-9.:-]+$/;

export const checkModel = (modelId: string): void => {
  if (profile.test(modelId)) return;
  if (foundation.test(modelId))
    throw invalid(
      `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  throw invalid('The provided model identifier is invalid.');
};

/** Reads a request: what nothing here answers is refused by name, what has the wrong form as Bedrock does it. */
export const readRequest = (input: unknown): ConverseRequest => {
  const result = converseShape.safeParse(input);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.map(String) ?? [];
    if (issue?.code === 'unrecognized_keys') throw notSupported(`Converse with ${[...path, ...issue.keys].join('.')}`);
    throw invalid(`1 validation error detected: Value at '${path.join('.')}' failed to satisfy constraint: ${issue?.message}`); // prettier-ignore
  }
  checkMessages(result.data);
  checkTools(result.data);
  return result.data;
};

const checkMessages = ({ messages, system = [] }: ConverseRequest): void => {
  if (messages[0]?.role !== 'user')
    throw invalid('A conversation must start with a user message. Try again with a conversation that starts with a user message.'); // prettier-ignore
  for (const [index, { role, content }] of messages.entries()) {
    if (messages[index + 1]?.role === role)
      throw invalid('A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.'); // prettier-ignore
    if (content.length === 0)
      throw invalid(`The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`); // prettier-ignore
    for (const [at, block] of content.entries())
      if (block.text.trim() === '')
        throw invalid(`The text field in the ContentBlock object at messages.${index}.content.${at} is blank. Add text to the text field, and try again.`); // prettier-ignore
  }
  if (messages.at(-1)?.role === 'assistant')
    throw notSupported('Converse with an answer that the model is to go on with');
  if (system.some((block) => block.text.trim() === ''))
    throw invalid('The text field in the SystemContentBlock object is blank. Add text to the text field, and try again.'); // prettier-ignore
};

const checkTools = ({ toolConfig }: ConverseRequest): void => {
  if (!toolConfig) return;
  const names = toolConfig.tools.map(({ toolSpec }) => toolSpec.name);
  if (new Set(names).size < names.length) throw invalid('The tool names must be unique.');
  for (const [index, { toolSpec }] of toolConfig.tools.entries())
    if (toolSpec.inputSchema.json['type'] !== 'object')
      throw invalid(`The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`); // prettier-ignore
  const { toolChoice } = toolConfig;
  if (toolChoice && Object.values(toolChoice).filter((one) => one !== undefined).length !== 1)
    throw invalid('toolChoice must have exactly one of auto, any and tool.');
  if (toolChoice?.tool && !names.includes(toolChoice.tool.name))
    throw invalid('The tool that toolChoice names is not among the tools of the request.');
};

/** About four letters are a token. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);

export type Limits = { readonly contextTokens: number; readonly answerTokens: number };

export const checkSizes = (request: ConverseRequest, { contextTokens, answerTokens }: Limits): number => {
  const used = tokensOf(JSON.stringify([request.system, request.messages, request.toolConfig]));
  if (used > contextTokens) throw invalid('Input is too long for requested model.');
  const asked = request.inferenceConfig?.maxTokens ?? 1;
  if (asked > answerTokens)
    throw invalid(
      `The maximum tokens you requested exceeds the model limit of ${answerTokens}. Try again with a maximum tokens value that is lower than ${answerTokens}.`,
    );
  return used;
};
