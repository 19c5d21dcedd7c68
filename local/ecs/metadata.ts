import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Task } from './task.ts';

/** The task metadata endpoint, version 4, as far as a container asks who and where it is. */
export const startMetadata = async (tasks: ReadonlyMap<string, Task>) => {
  const about = (task: Task) => {
    const networks = [{ NetworkMode: 'awsvpc', IPv4Addresses: [task.address] }];
    const containers = task.containers.map(({ name, arn, image, runtimeId, status }) => ({
      DockerId: runtimeId,
      Name: name,
      Image: image,
      KnownStatus: status,
      ContainerARN: arn,
      Networks: networks,
    }));
    const [, family = '', revision = ''] = /task-definition\/(.+):(\d+)$/.exec(task.taskDefinitionArn) ?? [];
    return {
      container: containers[0],
      task: {
        Cluster: task.clusterArn,
        TaskARN: task.arn,
        Family: family,
        Revision: revision,
        DesiredStatus: task.desiredStatus,
        KnownStatus: task.lastStatus,
        LaunchType: 'FARGATE',
        AvailabilityZone: 'us-east-1a',
        Containers: containers,
      },
    };
  };
  const server = createServer((request, response) => {
    const [, id, rest = ''] = /^\/v4\/([0-9a-f]{32})(\/task)?$/.exec(request.url ?? '') ?? [];
    const task = [...tasks.values()].find((one) => one.id === id);
    response.writeHead(task ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(task ? about(task)[rest === '' ? 'container' : 'task'] : {}));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    uriOf: ({ id }: Task): string => `http://127.0.0.1:${port}/v4/${id}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
