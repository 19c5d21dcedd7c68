const lambdaArn = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,140}(:[A-Za-z0-9$_-]{1,129})?$/;
const invoke = /^arn:aws[a-z-]*:states:::lambda:invoke(\.waitForTaskToken)?$/;

/** What a Task may call: a function by its ARN, or the Lambda integration, with or without a task token. */
export const problemOfResource = (resource: unknown): string | undefined => {
  if (typeof resource !== 'string') return 'must be a string';
  if (lambdaArn.test(resource) || invoke.test(resource)) return undefined;
  return `is an integration that the local cloud does not support: '${resource}'`;
};

export const isLambdaArn = (resource: string): boolean => lambdaArn.test(resource);

export const waitsForToken = (resource: string): boolean => resource.endsWith('.waitForTaskToken');
