import * as z from 'zod';

import type { DeployedRoute } from './deployment.ts';

const integrationSchema = z.looseObject({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  // Milliseconds; 30 s is the most an HTTP API waits.
  TimeoutInMillis: z.coerce.number().max(30_000).default(30_000),
});
const routeSchema = z.looseObject({
  RouteKey: z.string().regex(/^(?:\$default|[A-Z]+ \/\S*)$/),
  Target: z.string(),
  AuthorizationType: z.literal('NONE', { error: 'must be NONE in the local cloud' }).default('NONE'),
});

type Properties = Readonly<Record<string, unknown>>;

/** `POST /path` with the function behind it. `integrations` are by the name that a route's target ends in. */
export const readRoute = (
  logicalId: string,
  properties: Properties,
  integrations: ReadonlyMap<string, Properties>,
): DeployedRoute => {
  const route = parse(logicalId, routeSchema, properties);
  const name = route.Target.split('/').pop() ?? '';
  const integration = integrations.get(name);
  if (!integration) throw new Error(`${logicalId}: there is no integration ${name}.`);
  const { IntegrationUri, TimeoutInMillis } = parse(name, integrationSchema, integration);
  const [method = '', path = ''] = route.RouteKey.split(' ');
  return { method, path, functionArn: functionArn(IntegrationUri), timeoutMs: TimeoutInMillis };
};

/** An integration names its function by the ARN itself or by the invocation URI around it. */
const functionArn = (uri: string): string => /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;

const parse = <S extends z.ZodType>(logicalId: string, schema: S, properties: Properties): z.infer<S> => {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${logicalId}: ${issue?.path.join('.')} ${issue?.message}.`);
};
