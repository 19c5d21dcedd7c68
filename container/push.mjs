// Builds the image of the media task and pushes it to the stage's registry:
// `npm run container:push -- --stage prod [--region eu-west-1]`. Needs an engine (docker or podman), the AWS CLI and its credentials.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    stage: { type: 'string' },
    region: { type: 'string', default: process.env.AWS_REGION ?? 'us-east-1' },
    tag: { type: 'string', default: `media-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-')}` },
  },
});
const { stage, region, tag } = values;

const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};
const run = (program, args, options = {}) => {
  const { status, stdout, error } = spawnSync(program, args, { stdio: ['inherit', 'pipe', 'inherit'], ...options });
  if (error?.code === 'ENOENT') fail(`${program} is not installed.`);
  if (status !== 0) fail(`${program} ${args[0]} did not succeed; what it said is above.`);
  return String(stdout ?? '').trim();
};
const loud = { stdio: 'inherit' };

if (!stage) fail('Say for which stage: npm run container:push -- --stage prod');
const engine = ['docker', 'podman'].find((name) => spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0);
if (!engine) fail('Neither docker nor podman runs here. Start one of them, or run this where one does.');

const repository = run('aws', [
  ...['ecr', 'describe-repositories', '--region', region, '--output', 'text'],
  ...['--repository-names', `rapporteur-${stage}-media`, '--query', 'repositories[0].repositoryUri'],
]);
const password = run('aws', ['ecr', 'get-login-password', '--region', region]);
run(engine, ['login', '--username', 'AWS', '--password-stdin', repository.split('/')[0]], {
  input: password,
  stdio: ['pipe', 'inherit', 'inherit'],
});
const image = `${repository}:${tag}`;
run(
  engine,
  ['build', '--platform', 'linux/arm64', '-f', 'container/Dockerfile', '--target', 'media', '-t', image, '.'],
  loud,
);
run(engine, ['push', image], loud);
console.log(`Pushed. Now set RAPPORTEUR_MEDIA_IMAGE=${tag} for the stage ${stage} and deploy it again.`);
