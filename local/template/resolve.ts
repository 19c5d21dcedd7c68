import { identify } from './identity.ts';
import type { Identity } from './identity.ts';
import type { Resource, Target, Template } from './schema.ts';

export interface Resolver {
  /** The value with every intrinsic function in it worked out. */
  readonly resolve: (value: unknown) => unknown;
  readonly identity: (logicalId: string) => Identity;
  readonly condition: (name: string) => boolean;
}

/** Stands for `AWS::NoValue`: what resolves to it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

export const createResolver = (template: Template, target: Target): Resolver => {
  const identities = new Map<string, Identity>();
  const underway = new Set<string>();

  /** Guards what may refer to itself: names of resources, and conditions. */
  const once = <T>(key: string, work: () => T): T => {
    if (underway.has(key)) throw new Error(`The template refers to itself in a circle at ${key}.`);
    underway.add(key);
    try {
      return work();
    } finally {
      underway.delete(key);
    }
  };

  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::Region': target.region,
    'AWS::AccountId': target.accountId,
    'AWS::Partition': target.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': `rapporteur-${target.stage}`,
    'AWS::StackId': `arn:${target.partition}:cloudformation:${target.region}:${target.accountId}:stack/rapporteur-${target.stage}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };

  const identity = (logicalId: string): Identity => {
    const known = identities.get(logicalId);
    if (known) return known;
    const resource: Resource | undefined = template.Resources[logicalId];
    if (!resource) throw new Error(`The template refers to ${logicalId}, which is neither a resource nor a parameter.`);
    const found = once(logicalId, () => identify(logicalId, resource, target, resolve));
    identities.set(logicalId, found);
    return found;
  };

  const ref = (name: string): unknown => {
    if (name in pseudo) return pseudo[name];
    const parameter = template.Parameters[name];
    if (parameter) {
      if (parameter.Type.startsWith('AWS::SSM::'))
        throw new Error(`Parameter ${name}: ${parameter.Type} is not supported by the local cloud.`);
      if (parameter.Default === undefined) throw new Error(`Parameter ${name} has no default value.`);
      return parameter.Default;
    }
    const value = identity(name).ref;
    if (value === undefined)
      throw new Error(`Ref ${name}: that of ${template.Resources[name]?.Type} is not supported by the local cloud.`);
    return value;
  };

  const getAtt = (path: string): string => {
    const [logicalId = '', ...rest] = path.split('.');
    const value = identity(logicalId).attributes[rest.join('.')];
    if (value === undefined) {
      throw new Error(
        `Fn::GetAtt ${path}: this attribute of ${template.Resources[logicalId]?.Type} is not supported by the local cloud.`,
      );
    }
    return value;
  };

  const sub = (argument: unknown): string => {
    const [text, variables] = Array.isArray(argument)
      ? (argument as [unknown, Record<string, unknown>])
      : [argument, {}];
    return asText('Fn::Sub', text).replace(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
      const name = inner.trim();
      // `${!name}` is how a template writes the characters `${name}` themselves.
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(variables, name)) return asText('Fn::Sub', resolve(variables[name]));
      return asText('Fn::Sub', name.includes('.') ? getAtt(name) : ref(name));
    });
  };

  const condition = (name: string): boolean => {
    if (!Object.hasOwn(template.Conditions, name))
      throw new Error(`The template uses the condition ${name} and does not define it.`);
    return once(`condition ${name}`, () => isTrue(template.Conditions[name]));
  };
  const isTrue = (value: unknown): boolean => {
    const resolved = resolve(value);
    if (typeof resolved !== 'boolean')
      throw new Error(`A condition is neither true nor false: ${JSON.stringify(value)}`);
    return resolved;
  };

  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (name) => ref(asText('Ref', name)),
    Condition: (name) => condition(asText('Condition', name)),
    'Fn::GetAtt': (path) =>
      getAtt(
        Array.isArray(path)
          ? path.map((part) => asText('Fn::GetAtt', resolve(part))).join('.')
          : asText('Fn::GetAtt', path),
      ),
    'Fn::Sub': sub,
    'Fn::Join': (argument) => {
      const [separator, parts] = list('Fn::Join', argument);
      return list('Fn::Join', resolve(parts))
        .map((part) => asText('Fn::Join', part))
        .join(asText('Fn::Join', separator));
    },
    'Fn::Split': (argument) => {
      const [separator, text] = list('Fn::Split', argument);
      return asText('Fn::Split', resolve(text)).split(asText('Fn::Split', separator));
    },
    'Fn::Select': (argument) => {
      const [index, values] = list('Fn::Select', argument).map(resolve);
      const value = list('Fn::Select', values)[Number(index)];
      if (value === undefined) throw new Error(`Fn::Select: there is no element ${String(index)}.`);
      return value;
    },
    'Fn::FindInMap': (argument) => {
      const [map, first, second] = list('Fn::FindInMap', argument).map((key) => asText('Fn::FindInMap', resolve(key)));
      const value = template.Mappings[map ?? '']?.[first ?? '']?.[second ?? ''];
      if (value === undefined)
        throw new Error(`Fn::FindInMap: ${[map, first, second].join('.')} is not in the template.`);
      return value;
    },
    // Every region of AWS has at least three.
    'Fn::GetAZs': (name) => {
      const region = asText('Fn::GetAZs', resolve(name)) || target.region;
      return ['a', 'b', 'c'].map((zone) => region + zone);
    },
    'Fn::Base64': (text) => Buffer.from(asText('Fn::Base64', resolve(text))).toString('base64'),
    'Fn::If': (argument) => {
      const [name, yes, no] = list('Fn::If', argument);
      return resolve(condition(asText('Fn::If', name)) ? yes : no);
    },
    'Fn::Equals': (argument) => {
      const [left, right] = list('Fn::Equals', argument).map(resolve);
      return JSON.stringify(left) === JSON.stringify(right);
    },
    'Fn::And': (argument) => list('Fn::And', argument).every(isTrue),
    'Fn::Or': (argument) => list('Fn::Or', argument).some(isTrue),
    'Fn::Not': (argument) => !list('Fn::Not', argument).some(isTrue),
  };

  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((element) => element !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value as Record<string, unknown>);
    const [key, argument] = entries[0] ?? [];
    if (entries.length === 1 && key !== undefined && isIntrinsic(key, argument)) {
      const work = functions[key];
      if (!work) throw new Error(`${key} is not supported by the local cloud.`);
      return work(argument);
    }
    return Object.fromEntries(
      entries.map(([name, inner]) => [name, resolve(inner)]).filter(([, inner]) => inner !== NO_VALUE),
    );
  };

  return { resolve, identity, condition };
};

/** `Condition` is also an ordinary word: in a policy it holds an object, as an intrinsic the name of a condition. */
const isIntrinsic = (key: string, argument: unknown): boolean =>
  key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string');

const list = (what: string, value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${what} needs a list and got ${JSON.stringify(value)}.`);
  return value as unknown[];
};

const asText = (what: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${what} needs text and got ${JSON.stringify(value) ?? String(value)}.`);
};
