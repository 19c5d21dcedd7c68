import { S3Client } from '@aws-sdk/client-s3';
import { createBedrock } from './bedrock/bedrock.ts';
import type { CloudOptions } from './cloud-options.ts';
import { packagedDeployment } from './deployed.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import { createEcs } from './ecs/ecs.ts';
import { createEvents, type PublishedEvent } from './events/events.ts';
import { localCredentials, localRegion } from './gateway/credentials.ts';
import { startGateway } from './gateway/gateway.ts';
import { jsonService } from './gateway/json-service.ts';
import { startHttpApi } from './http/http-api.ts';
import type { InvokeFunction } from './lambda-outcome.ts';
import { createLambda, type Lambda } from './lambda/runtime.ts';
import { lockFolder } from './lock.ts';
import { createMail } from './mail/mail.ts';
import { inFolder, randomText } from './open.ts';
import { assertFree } from './ports.ts';
import { createS3 } from './s3/server.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import { createSecrets } from './secrets/secrets.ts';
import { createEngine } from './stepfunctions/engine.ts';
import { storeThrough } from './transcribe/store-through.ts';
import { createTranscribe } from './transcribe/transcribe.ts';
import { zoomAppOf } from './zoom-app.ts';
import { startZoom, type Zoom } from './zoom/simulator.ts';

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

/**
 * The local cloud: what the compiled template deploys, served by stand-ins for AWS on one port, a simulated Zoom
 * beside it. Functions reach all of it through their environment alone.
 */
export const startCloud = async (options: CloudOptions) => {
  const { folder, ports } = options;
  const unlock = lockFolder(folder);
  const closers: (() => Promise<unknown>)[] = [async () => unlock()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    await assertFree(ports);
    const { deployment, functions, programs } = await packagedDeployment(options);
    const mailFrom = deployment.functions.flatMap((one) => one.environment.MAIL_FROM ?? []);

    const open = inFolder(folder);
    const dynamoDb = await open('dynamodb', (at) => createDynamoDb({ folder: at }));
    closers.push(() => dynamoDb.close());
    const s3 = await open('s3', (at) => createS3({ folder: at, region: localRegion }));
    closers.push(async () => s3.close());
    const secrets = await open('secrets', (at) => createSecrets({ folder: at }));
    const mail = await open('mail', (at) =>
      createMail({
        ...{ folder: at, verifiedSenders: mailFrom, configurationSets: deployment.configurationSets },
        publish: (event) => late.publish?.({ source: 'aws.ses', time: new Date(), ...event }) ?? Promise.resolve(),
      }),
    );

    // Functions need the gateway's address and the gateway needs the functions: they meet here.
    const late: {
      lambda?: Lambda;
      publish?: (event: PublishedEvent) => Promise<unknown>;
      s3?: S3Client;
      base?: Record<string, string>;
      outside?: Record<string, string>;
    } = {};
    const { aroundInvoke = (invoke: InvokeFunction) => invoke } = options;
    const invokeFunction = aroundInvoke((name, payload, signal) => {
      if (!late.lambda) return Promise.reject(new Error('no function can be called yet'));
      return late.lambda.invoke(name, payload, signal);
    });
    const withClock = options.clock ? { clock: options.clock } : {};
    const withScheduleClock = options.scheduleClock ? { scheduleClock: options.scheduleClock } : {};
    const events = await open('events', (at) =>
      createEvents({ folder: at, invokeFunction, ...withClock, ...withScheduleClock }),
    );
    late.publish = (event) => events.publish(event);
    const engine = await open('stepfunctions', (at) =>
      createEngine({
        folder: at,
        invokeFunction,
        ...withClock,
        onStatusChange: async (detail) => {
          await events.publish({
            source: 'aws.states',
            'detail-type': 'Step Functions Execution Status Change',
            time: new Date(),
            resources: [detail.executionArn],
            detail,
          });
        },
      }),
    );

    const scheduler = await open('scheduler', (at) =>
      createScheduler({
        folder: at,
        invokeFunction,
        startExecution: (request) =>
          engine.operations.StartExecution?.(request as never) ?? Promise.reject(new Error()),
        ...(options.scheduleClock ? { clock: options.scheduleClock } : {}),
      }),
    );

    const ecs = await open('ecs', (at) =>
      createEcs({
        folder: at,
        clusters: deployment.clusters,
        taskDefinitions: deployment.taskDefinitions,
        network: deployment.network,
        programs: Object.fromEntries(
          Object.entries(programs).map(([name, file]) => [name, [process.execPath, '--no-warnings', file]]),
        ),
        baseEnvironment: () => late.base ?? {},
        outside: () => late.outside ?? {},
        secret: (id) => secrets.read(id),
        onStateChange: async ({ arn, detail }) => {
          const about = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change', time: new Date() };
          await events.publish({ ...about, resources: [arn], detail });
        },
        ...(options.onTaskLog ? { onLog: options.onTaskLog } : {}),
      }),
    );
    closers.push(() => ecs.close());

    const transcribe = await open('transcribe', (at) =>
      createTranscribe({
        ...options.transcription,
        folder: at,
        ...withClock,
        store: () => {
          if (!late.s3) throw new Error('there is no way to S3 yet');
          return storeThrough(late.s3);
        },
        publish: (detail) => {
          const about = { source: 'aws.transcribe', 'detail-type': 'Transcribe Job State Change' };
          return events.publish({ ...about, time: new Date(), detail });
        },
      }),
    );

    const bedrock = createBedrock();
    const gateway = await startGateway({
      port: ports.gateway,
      services: {
        bedrock: bedrock.service,
        ecs: ecs.service,
        s3: options.aroundS3?.(s3.service) ?? s3.service,
        dynamodb: dynamoDb.service,
        secretsmanager: secrets.service,
        ses: mail.service,
        events: events.service,
        scheduler: scheduler.service,
        transcribe: transcribe.service,
        states: jsonService({ prefix: 'AWSStepFunctions', version: '1.0', operations: engine.operations }),
        lambda: async (request, response, url) => late.lambda?.service(request, response, url),
      },
    });
    closers.push(() => gateway.close());
    const s3Client = new S3Client({ endpoint: gateway.url, region: localRegion, credentials: localCredentials });
    late.s3 = s3Client;
    closers.push(async () => s3Client.destroy());

    const app = zoomAppOf(folder);
    const zoom: Zoom = await open('zoom', (at) =>
      startZoom({
        ...app,
        port: ports.zoom,
        storagePort: ports.zoomStorage,
        folder: at,
        ...(options.zoomDelays ? { delays: options.zoomDelays } : {}),
      }),
    );
    closers.push(() => zoom.close());

    // Functions are told the address of the API in front of them, which holds its requests until they are there.
    let openApi = (): void => undefined;
    const apiIsOpen = new Promise<void>((resolve) => (openApi = resolve));
    const api = await startHttpApi({
      port: ports.api,
      routes: deployment.routes,
      invoke: async (name, payload, signal) => {
        await apiIsOpen;
        if (!late.lambda) throw new Error('no function can be called yet');
        return late.lambda.invoke(name, payload, signal);
      },
    });
    closers.push(() => api.close());

    const outside: Record<string, string> = {
      PUBLIC_URL: api.url,
      ZOOM_API_URL: `${zoom.url}/v2`,
      ZOOM_OAUTH_URL: zoom.oauthUrl,
      ...(options.symbl ? { SYMBL_URL: options.symbl.url } : {}),
      TRUSTED_ORIGINS: [zoom.downloadOrigin, zoom.storageOrigin, ...(options.symbl ? [options.symbl.url] : [])].join(
        ',',
      ),
      FFMPEG_PATH: process.env.FFMPEG_PATH ?? '',
    };
    late.outside = outside;
    const { aroundEnvironment = async (given: Record<string, string>) => given } = options;
    late.base = await aroundEnvironment({ ...awsEnvironment(gateway.url), NODE_OPTIONS: '--no-warnings' });
    const lambda = createLambda({
      functions: functions.map((one) => ({
        ...one,
        timeoutSeconds: Math.min(one.timeoutSeconds, options.functionsRunFor ?? Infinity),
        environment: Object.fromEntries(
          Object.entries(one.environment).map(([name, value]) => [name, outside[name] ?? value]),
        ),
      })),
      baseEnvironment: late.base,
      mode: options.functionsRunIn ?? 'thread',
      ...(options.onLog ? { onLog: options.onLog } : {}),
      ...(options.onInvoke ? { onInvoke: options.onInvoke } : {}),
    });
    late.lambda = lambda;
    closers.push(() => lambda.close());
    // Closed before the functions: a call that only our own end cuts off must not count as a failure of its state.
    closers.push(() => events.close());
    closers.push(() => transcribe.close());
    closers.push(() => engine.close());
    closers.push(() => scheduler.close());

    for (const table of deployment.tables)
      await open('dynamodb', () => dynamoDb.createTable(table.createTable as never, table.ttlAttribute));
    for (const bucket of deployment.buckets) await s3.createBucket(bucket.name, { versioning: bucket.versioning });
    for (const secret of deployment.secrets)
      await secrets.putIfAbsent(secret.name, secret.value ?? randomText(64), secret.arn);
    const { webhookSecret, accountId, clientId, clientSecret } = app;
    const zoomSecret = { webhookSecretTokens: [webhookSecret], accountId, clientId, clientSecret };
    for (const name of new Set(deployment.functions.flatMap((one) => one.environment.ZOOM_SECRET ?? [])))
      await secrets.putIfAbsent(name, JSON.stringify(zoomSecret));
    if (options.symbl) {
      const { appId, appSecret } = options.symbl;
      for (const name of new Set(deployment.functions.flatMap((one) => one.environment.SYMBL_SECRET ?? [])))
        await secrets.putIfAbsent(name, JSON.stringify({ appId, appSecret }));
    }
    for (const rule of deployment.rules)
      if (rule.state === 'ENABLED') events.putRule({ ...rule, targets: [...rule.targets] });
    const retriesOf = new Map(functions.map(({ arn, asyncRetries }) => [arn, asyncRetries]));
    for (const { name, expression, timezone, targets, state } of deployment.schedules) {
      if (timezone !== 'UTC')
        throw new Error(`${name}: a schedule of the template in the time zone ${timezone} is not supported.`);
      if (state !== 'ENABLED') continue;
      const retries = Math.max(...targets.map(({ arn }) => retriesOf.get(arn) ?? 2));
      await events.putSchedule({ name, expression, targets, retries });
    }
    for (const machine of deployment.stateMachines) engine.putStateMachine(machine);

    openApi();
    // Once more, so that it is closed before the functions are.
    closers.push(() => api.close());
    // Last: what an earlier process left open goes on when everything it may call is there.
    events.resume();
    transcribe.resume();
    await ecs.resume();
    await engine.resume();
    await scheduler.resume();
    return {
      deployment,
      gateway,
      api,
      zoom,
      mail,
      events,
      ecs,
      transcribe,
      bedrock,
      lambda,
      zoomAccountId: accountId,
      awsEnvironment: awsEnvironment(gateway.url),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** All that makes an AWS client speak to the local cloud. Credentials that no account knows keep real ones out of reach. */
export const awsEnvironment = (gatewayUrl: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: gatewayUrl,
  AWS_REGION: localRegion,
  AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
});
