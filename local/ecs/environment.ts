import { CannotStart } from './life.ts';
import type { DeployedContainer, Task } from './task.ts';

/** The text of a secret by its ARN or name. */
export type SecretReader = (id: string) => Promise<string>;

type Surroundings = {
  readonly base: Readonly<Record<string, string>>;
  readonly outside: Readonly<Record<string, string>>;
  readonly metadataUri: string;
  readonly secret: SecretReader;
};

/** ARN, JSON key, version stage and version id, of which the last three may be missing or empty. */
const secretOf = (valueFrom: string): { id: string; key: string } => {
  const parts = valueFrom.split(':');
  return { id: parts.slice(0, 7).join(':'), key: parts[7] ?? '' };
};

const readSecret = async (valueFrom: string, secret: SecretReader): Promise<string> => {
  const { id, key } = secretOf(valueFrom);
  try {
    const text = await secret(id);
    if (key === '') return text;
    const value = (JSON.parse(text) as Record<string, unknown>)[key];
    if (typeof value === 'string') return value;
    throw new Error(`the secret has no text under the key ${key}`);
  } catch (error) {
    throw new CannotStart(
      `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: ${(error as Error).message}`,
    );
  }
};

/** What a container sees: what Fargate sets, what the task definition says, what this machine puts in its place, and the overrides. */
export const environmentOf = async (
  task: Task,
  container: DeployedContainer,
  { base, outside, metadataUri, secret }: Surroundings,
): Promise<Record<string, string>> => {
  const given: Record<string, string> = { ...container.environment };
  for (const [name, valueFrom] of Object.entries(container.secrets)) given[name] = await readSecret(valueFrom, secret);
  for (const name of Object.keys(given)) given[name] = outside[name] ?? given[name] ?? '';
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  for (const { name, value } of override?.environment ?? []) if (name !== undefined) given[name] = value ?? '';
  return {
    ...inherited(['PATH', 'SystemRoot', 'ComSpec', 'PATHEXT']),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    HOSTNAME: `ip-${task.address.replaceAll('.', '-')}.ec2.internal`,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    ECS_CONTAINER_METADATA_URI_V4: metadataUri,
    ...base,
    ...given,
  };
};

const inherited = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
