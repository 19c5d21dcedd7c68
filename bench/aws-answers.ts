import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Answers, without thinking, what the webhook asks of AWS: the handler's own cost is to be measured, not that of the
 * stand-ins. Everything else is an error.
 */
export const answerAws = async (webhookSecret: string) => {
  const secret = JSON.stringify({ webhookSecretTokens: [webhookSecret], padding: 'for the sealing secret: 32' });
  const answers: Record<string, object> = {
    'secretsmanager.GetSecretValue': { SecretString: secret },
    'DynamoDB_20120810.GetItem': {},
    'DynamoDB_20120810.TransactWriteItems': {},
    'AWSStepFunctions.StartExecution': {
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:a:b',
      startDate: 1,
    },
  };
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const target = String(request.headers['x-amz-target']);
    counts.set(target, (counts.get(target) ?? 0) + 1);
    request.resume();
    request.on('end', () => {
      const answer = answers[target];
      response.writeHead(answer ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer ?? { __type: 'UnknownOperationException', message: target }));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: (target: string): number => counts.get(target) ?? 0,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
