/** How a service writes its errors. */
export type Protocol = 'json' | 'rest-json' | 'query' | 's3';

const byService: Record<string, Protocol> = {
  s3: 's3',
  ses: 'rest-json',
  lambda: 'rest-json',
  scheduler: 'rest-json',
  bedrock: 'rest-json',
  sns: 'query',
  sts: 'query',
  iam: 'query',
  cloudformation: 'query',
};

/** The protocol of a service by the name it has in a SigV4 scope; most services speak AWS JSON. */
export const protocolOf = (service: string): Protocol =>
  Object.hasOwn(byService, service) ? (byService[service] ?? 'json') : 'json';
