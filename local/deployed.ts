import type { LocalFunction } from './lambda/local-function.ts';
import { localAccount, localRegion } from './gateway/credentials.ts';
import { projectRoot } from './root.ts';
import type { Deployment } from './template/deployment.ts';
import { localFunctions } from './template/local-functions.ts';
import { packageService } from './template/package-service.ts';
import { readTemplate } from './template/read-template.ts';

const stage = 'local';

/** What would be deployed, as far as it means something here; packaged again only when its inputs changed. */
export const packagedDeployment = async ({
  packageFolder,
  onPackaging,
}: {
  packageFolder: string;
  onPackaging?: () => void;
}): Promise<{ deployment: Deployment; functions: LocalFunction[] }> => {
  const service = await packageService({
    root: projectRoot(),
    folder: packageFolder,
    stage,
    ...(onPackaging ? { onStart: onPackaging } : {}),
  });
  const deployment = readTemplate(service.template, {
    region: localRegion,
    accountId: localAccount,
    stage,
    partition: 'aws',
  });
  return { deployment, functions: localFunctions(deployment, service) };
};
