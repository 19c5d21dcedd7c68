import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { startHttpApi } from '../../../local/http/http-api.ts';
import { createLambda } from '../../../local/lambda/runtime.ts';
import { projectRoot } from '../../../local/root.ts';
import { localFunctions } from '../../../local/template/local-functions.ts';
import { packageService } from '../../../local/template/package-service.ts';
import { readTemplate } from '../../../local/template/read-template.ts';

/** Packaging takes about five seconds on an idle machine. */
const PACKAGING_MS = 90_000;

const SERVICE = `
service: rapporteur
plugins: [serverless-esbuild]
provider: { name: aws, runtime: nodejs24.x, architecture: arm64, versionFunctions: false }
package: { individually: true }
custom: { esbuild: { bundle: true, minify: true, format: esm, outputFileExtension: .mjs } }
functions:
  - \${file(functions/http/functions.yml)}
resources:
  Resources:
    Archive: { Type: AWS::S3::Bucket }
`;
const FUNCTIONS = `
hello:
  handler: functions/http/hello/handler.handler
  timeout: 5
  environment: { ARCHIVE: !Ref Archive, GREETING: "\${env:GREETING, 'Hello'}" }
  events:
    - httpApi: GET /hello/{name}
other:
  handler: functions/http/other/handler.handler
`;
const HELLO = `
import { exclaim } from '../../../core/exclaim.ts';
export const handler = async (event: { pathParameters: { name: string } }) => ({
  statusCode: 200,
  body: exclaim(\`\${process.env.GREETING} \${event.pathParameters.name} from \${process.env.ARCHIVE}\`),
});
`;

let folder = '';
let root = '';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rapporteur-package-'));
  root = join(folder, 'service');
  write('serverless.yml', SERVICE);
  write('package.json', '{"name":"rapporteur","type":"module"}');
  write('functions/http/functions.yml', FUNCTIONS);
  write('functions/http/hello/handler.ts', HELLO);
  write('functions/http/other/handler.ts', 'export const handler = async () => 1;');
  write('core/exclaim.ts', 'export const exclaim = (text: string): string => text + "!";');
  symlinkSync(join(projectRoot(), 'node_modules'), join(root, 'node_modules'), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const target = { region: 'us-east-1', accountId: '000000000000', stage: 'local', partition: 'aws' } as const;

test(
  'a service is packaged by two at once, run from its package, and not packaged again while nothing changes',
  async () => {
    let packagings = 0;
    const options = { root, folder: join(folder, 'data'), stage: 'local', onStart: () => (packagings += 1) };
    process.env['GREETING'] = 'A setting of the person';
    const [made, same] = await Promise.all([packageService(options), packageService(options)]);
    delete process.env['GREETING'];
    expect(same.folder).toBe(made.folder);
    expect(packagings).toBe(2);
    await expect(packageService(options)).resolves.toMatchObject({ folder: made.folder });
    expect(packagings).toBe(2);
    expect(readdirSync(join(folder, 'data/package'))).toHaveLength(1);
    expect(readdirSync(root)).not.toContain('.serverless');

    const deployment = readTemplate(made.template, target);
    expect(deployment.functions.map(({ key }) => key)).toEqual(['hello', 'other']);
    const lambda = createLambda({ functions: localFunctions(deployment, made), baseEnvironment: {} });
    const api = await startHttpApi({ port: 0, routes: deployment.routes, invoke: lambda.invoke });
    try {
      const response = await fetch(`${api.url}/hello/Zoe`);
      expect([response.status, await response.text()]).toEqual([200, 'Hello Zoe from rapporteur-local-archive!']);
    } finally {
      await api.close();
      await lambda.close();
    }
    expect(() => localFunctions(deployment, { taskRoot: () => '/nowhere' })).toThrow(
      'rapporteur-local-hello: the package holds no file for the handler functions/http/hello/handler.handler.',
    );
  },
  PACKAGING_MS,
);

test(
  'a service that cannot be packaged says why and leaves nothing behind',
  async () => {
    write('functions/http/other/handler.ts', 'export const handler = ;');
    const failure = packageService({ root, folder: join(folder, 'broken'), stage: 'local' });
    await expect(failure).rejects.toThrow('The service could not be packaged for the stage local; the tool said:');
    await expect(failure).rejects.toThrow('functions/http/other/handler.ts');
    expect(readdirSync(join(folder, 'broken/package'))).toEqual([]);
  },
  PACKAGING_MS,
);
