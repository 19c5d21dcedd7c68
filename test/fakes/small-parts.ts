import * as z from 'zod';
import { archiveNamesConfig } from '../../core/archive-name/template.ts';
import { s3Archive } from '../../core/aws/archive.ts';
import { archiveConfig, planObjects } from '../../core/aws/objects.ts';
import { openSealedJobTable, sealedJobTableConfig } from '../../core/aws/sealed-job-table.ts';
import { openZoomSecret, zoomSecretConfig } from '../../core/aws/secrets.ts';
import { openDownload, type DownloadRequest } from '../../core/media/open-download.ts';
import { readConfig } from '../../core/step/config.ts';
import { step } from '../../core/step/step.ts';
import { zoomClient } from '../../core/zoom/client.ts';
import { wantedFilesConfig } from '../../core/zoom/filters.ts';
import { downloadPart, input as partInput } from '../../functions/recording/download-part/download-part.ts';
import { input as planInput, planDownload } from '../../functions/recording/plan-download/plan-download.ts';
import type { LambdaOutcome } from '../../local/lambda-outcome.ts';
import { lambdaContext } from './lambda.ts';
import type { LocalCloud } from './local-cloud.ts';

/** The least that S3 takes for any part but the last. */
export const partBytes = 5 * 1_048_576;

/**
 * Lets PlanDownload and DownloadPart run in this process, on the same machine, table, bucket and Zoom, with parts of
 * 5 MiB, a worker for each, and little patience: what takes many GB in production takes a moment. Returns its end.
 */
export const useSmallParts = (local: LocalCloud, { idleMs = 5_000 } = {}): (() => void) => {
  const { deployment, zoom, awsEnvironment } = local.cloud;
  const before = Object.keys(awsEnvironment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, awsEnvironment);
  const given = deployment.functions.find(({ name }) => name.endsWith('-planDownload'))?.environment ?? {};
  const config = readConfig(
    z.object({
      ...{ ...archiveNamesConfig, ...wantedFilesConfig, ...archiveConfig },
      ...{ ...sealedJobTableConfig, ...zoomSecretConfig },
    }),
    given,
  );
  const rules = { trustedOrigins: [zoom.downloadOrigin, zoom.storageOrigin], idleMs };
  const now = (): Date => new Date();
  const jobs = openSealedJobTable(config);
  const { credentials } = openZoomSecret(config);
  const client = zoomClient({ apiUrl: `${zoom.url}/v2`, oauthUrl: zoom.oauthUrl, credentials, now });
  const open = (request: DownloadRequest, signal: AbortSignal) => openDownload(request, rules, signal);
  const ports = { jobs, zoom: client, open, now, plans: planObjects(config), archive: s3Archive(config) };

  const limits = { largeBytes: 1, bytesPerWorker: partBytes, partBytes };
  const handlers: Record<string, (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>> = {
    planDownload: step({
      ...{ name: 'PlanDownload', input: planInput, progress: jobs.progress },
      run: planDownload({ ...config, ...ports, limits, mediaTask: false }),
    }),
    downloadPart: step({
      ...{ name: 'DownloadPart', input: partInput, progress: jobs.progress },
      run: downloadPart({ ...ports, partBytes }),
    }),
  };
  const restore = local.interfere(async (key, payload, call): Promise<LambdaOutcome> => {
    const handler = handlers[key];
    if (!handler) return call();
    try {
      return { payload: await handler(payload, lambdaContext(800_000)) };
    } catch (error) {
      const { name, message } = error as Error;
      return { functionError: 'Unhandled', payload: { errorType: name, errorMessage: message } };
    }
  });
  return () => {
    restore();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
};
