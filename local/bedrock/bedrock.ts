import { randomUUID } from 'node:crypto';
import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { readBody } from '../gateway/body.ts';
import type { Service } from '../gateway/service.ts';
import { answerOf, type Behaviour } from './model.ts';
import { checkModel, checkSizes, invalid, readRequest, tokensOf, type Limits } from './request.ts';

export interface BedrockOptions {
  readonly limits?: Limits;
  /** What the model does where nothing else is planned. */
  readonly behaviour?: Behaviour;
}

export type LocalBedrock = ReturnType<typeof createBedrock>;

const bodyLimit = 25 * 1024 * 1024;
const usualLimits: Limits = { contextTokens: 200_000, answerTokens: 64_000 };

export const throttled = (): AwsError =>
  new AwsError('ThrottlingException', 'Too many requests, please wait before trying again.', 429);

/** Amazon Bedrock's Converse, with a model that understands nothing and can be told to behave badly. */
export const createBedrock = ({ limits = usualLimits, behaviour = 'report' }: BedrockOptions = {}) => {
  const planned: (Behaviour | AwsError)[] = [];
  let asked = 0;

  const service: Service = async (request, response, url) => {
    const [, encoded = ''] = /^\/model\/([^/]+)\/converse$/.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || !encoded) throw notSupported(`${request.method} ${url.pathname} of Bedrock`);
    checkModel(decodeURIComponent(encoded));
    const converse = readRequest(parse(await readBody(request, bodyLimit)));
    const inputTokens = checkSizes(converse, limits);
    asked += 1;
    const next = planned.shift() ?? behaviour;
    if (next instanceof AwsError) throw next;
    const { toolConfig, messages } = converse;
    const tool =
      toolConfig?.toolChoice?.tool?.name ?? (toolConfig?.toolChoice?.any && toolConfig.tools[0]?.toolSpec.name);
    const question = messages.flatMap(({ content }) => content.map(({ text }) => text)).join('\n');
    const { stopReason, content } = answerOf(next, question, tool);
    const outputTokens = tokensOf(JSON.stringify(content));
    const body = JSON.stringify({
      metrics: { latencyMs: 1 },
      output: { message: { role: 'assistant', content } },
      stopReason,
      usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
    });
    response.end(body);
  };

  return {
    /** Its scope name is `bedrock`. */
    service,
    /** What becomes of the next questions, one each. */
    plan: (...next: (Behaviour | AwsError)[]) => void planned.push(...next),
    /** Questions that were well-formed, answered or not. */
    asked: () => asked,
  };
};

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('The request body is not JSON.');
  }
};
