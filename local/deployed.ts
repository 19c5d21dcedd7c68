import { Complaint } from './complaint.ts';
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
  settings,
  onPackaging,
}: {
  packageFolder: string;
  settings?: Readonly<Record<string, string>>;
  onPackaging?: () => void;
}): Promise<{
  deployment: Deployment;
  functions: LocalFunction[];
  /** The program of each container's image, by the container's name. */
  programs: Readonly<Record<string, string>>;
}> => {
  const service = await packageService({
    root: projectRoot(),
    folder: packageFolder,
    stage,
    ...(settings ? { environment: settings } : {}),
    ...(onPackaging ? { onStart: onPackaging } : {}),
  }).catch((cause: unknown) => {
    if (!(cause instanceof SyntaxError))
      throw new Complaint(cause instanceof Error ? cause.message : String(cause), { cause });
    throw new Complaint(
      `The package in ${packageFolder} is damaged. \`npm run local:reset\` deletes it and starts afresh.`,
      { cause },
    );
  });
  const deployment = readTemplate(service.template, {
    region: localRegion,
    accountId: localAccount,
    stage,
    partition: 'aws',
  });
  return { deployment, functions: localFunctions(deployment, service), programs: service.programs };
};
