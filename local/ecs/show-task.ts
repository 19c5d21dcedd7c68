import type { Task } from './task.ts';

const time = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1_000;

const attachmentStatus = ({ lastStatus }: Task): string => {
  if (lastStatus === 'PROVISIONING') return 'PRECREATED';
  if (lastStatus === 'DEPROVISIONING') return 'DETACHING';
  return lastStatus === 'STOPPED' ? 'DELETED' : 'ATTACHED';
};

const networkDetails = (task: Task) => [
  { name: 'subnetId', value: task.subnet },
  // The address is given while the interface is attached, so before the containers run.
  ...(task.lastStatus === 'PROVISIONING'
    ? []
    : [
        { name: 'networkInterfaceId', value: task.interfaceId },
        { name: 'macAddress', value: `0a:${task.interfaceId.slice(4, 14).match(/../g)?.join(':')}` },
        { name: 'privateDnsName', value: `ip-${task.address.replaceAll('.', '-')}.ec2.internal` },
        { name: 'privateIPv4Address', value: task.address },
      ]),
];

const common = (task: Task) => ({
  clusterArn: task.clusterArn,
  taskArn: task.arn,
  taskDefinitionArn: task.taskDefinitionArn,
  group: task.group,
  startedBy: task.startedBy,
  launchType: task.launchType ?? 'FARGATE',
  capacityProviderName: task.capacityProviderName,
  platformVersion: '1.4.0',
  platformFamily: 'Linux',
  cpu: task.cpu,
  memory: task.memory,
  ephemeralStorage: { sizeInGiB: task.ephemeralStorageGiB },
  availabilityZone: 'us-east-1a',
  connectivity: task.lastStatus === 'RUNNING' ? 'CONNECTED' : undefined,
  enableExecuteCommand: false,
  lastStatus: task.lastStatus,
  desiredStatus: task.desiredStatus,
  stopCode: task.stopCode,
  stoppedReason: task.stoppedReason,
  version: task.version,
  overrides: {
    inferenceAcceleratorOverrides: [],
    ...task.overrides,
    containerOverrides: task.overrides.containerOverrides ?? [],
  },
});

const containersOf = (task: Task) =>
  task.containers.map(({ name, arn, image, status, exitCode, reason, runtimeId }) => ({
    containerArn: arn,
    taskArn: task.arn,
    name,
    image,
    runtimeId,
    lastStatus: status,
    exitCode,
    reason,
    networkInterfaces:
      task.lastStatus === 'PROVISIONING' ? [] : [{ attachmentId: task.attachmentId, privateIpv4Address: task.address }],
  }));

/** As DescribeTasks, RunTask and StopTask answer it. */
export const showTask = (task: Task, { withTags = false } = {}): object => ({
  ...common(task),
  healthStatus: 'UNKNOWN',
  attachments: [
    {
      id: task.attachmentId,
      type: 'ElasticNetworkInterface',
      status: attachmentStatus(task),
      details: networkDetails(task),
    },
  ],
  containers: containersOf(task).map((container) => ({ ...container, healthStatus: 'UNKNOWN' })),
  createdAt: time(task.createdAt),
  pullStartedAt: time(task.startedAt),
  pullStoppedAt: time(task.startedAt),
  startedAt: time(task.startedAt),
  stoppingAt: time(task.stoppingAt),
  stoppedAt: time(task.stoppedAt),
  executionStoppedAt: time(task.stoppedAt),
  tags: withTags ? task.tags : [],
});

const iso = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();

/** As EventBridge's «ECS Task State Change» has it: times as text, and the attachment's type by another name. */
export const taskStateChange = (task: Task): object => {
  const { overrides, ...rest } = common(task);
  return JSON.parse(
    JSON.stringify({
      ...rest,
      overrides,
      attachments: [
        { id: task.attachmentId, type: 'eni', status: attachmentStatus(task), details: networkDetails(task) },
      ],
      containers: containersOf(task),
      createdAt: iso(task.createdAt),
      startedAt: iso(task.startedAt),
      stoppingAt: iso(task.stoppingAt),
      stoppedAt: iso(task.stoppedAt),
      executionStoppedAt: iso(task.stoppedAt),
      updatedAt: iso(task.stoppedAt ?? task.stoppingAt ?? task.startedAt ?? task.createdAt),
    }),
  ) as object;
};
