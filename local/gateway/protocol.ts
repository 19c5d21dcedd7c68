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

/**
 * The protocol of a service by the name it has in a SigV4 scope; most services speak AWS JSON. A form is the query
 * protocol whatever the service: SES in its first version shares its name with the second.
 */
export const protocolOf = (service: string, contentType = ''): Protocol => {
  if (service !== 's3' && contentType.startsWith('application/x-www-form-urlencoded')) return 'query';
  return Object.hasOwn(byService, service) ? (byService[service] ?? 'json') : 'json';
};
