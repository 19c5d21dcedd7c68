import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { eventPattern, type Matcher } from './pattern.ts';

export interface Target {
  readonly arn: string;
  /** A JSON text sent instead of the event. */
  readonly input?: string;
  /** Sends a part of the event only: `$.detail`. */
  readonly inputPath?: string;
  readonly inputTransformer?: unknown;
}

export interface Rule {
  readonly name: string;
  readonly pattern: unknown;
  readonly targets: readonly Target[];
}

/** An event as a target receives it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

export interface Addressed {
  readonly rule: string;
  readonly arn: string;
  readonly payload: unknown;
}

type Transform = (event: EventEnvelope) => unknown;

const transformOf = ({ arn, input, inputPath, inputTransformer }: Target): Transform => {
  if (!/^arn:aws:lambda:[^:]+:[^:]+:function:[^:]+(:[^:]+)?$/.test(arn)) throw notSupported(`The event target ${arn}`);
  if (inputTransformer !== undefined) throw notSupported('The InputTransformer of an event target');
  if (input !== undefined && inputPath !== undefined)
    throw new AwsError('ValidationException', 'Only one of Input, InputPath, or InputTransformer must be provided.');
  if (input !== undefined) {
    const constant: unknown = JSON.parse(input);
    return () => constant;
  }
  if (inputPath === undefined || inputPath === '$') return (event) => event;
  if (!/^\$(\.[\w-]+)+$/.test(inputPath)) throw notSupported(`The InputPath ${inputPath}`);
  const names = inputPath.slice(2).split('.');
  return (event) =>
    names.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], event) ??
    null;
};

export interface Rules {
  /** Replaces a rule of that name. */
  readonly put: (rule: Rule) => void;
  /** Who gets an event, and what of it. */
  address(event: EventEnvelope): Addressed[];
}

/** Who gets an event of a rule, and what of it. Refuses targets that it does not know. */
export const targetReader = (rule: string, targets: readonly Target[]): ((event: EventEnvelope) => Addressed[]) => {
  const read = targets.map((target) => ({ arn: target.arn, transform: transformOf(target) }));
  return (event) => read.map(({ arn, transform }) => ({ rule, arn, payload: transform(event) }));
};

export const createRules = (): Rules => {
  const rules = new Map<string, { matches: Matcher; address: (event: EventEnvelope) => Addressed[] }>();
  return {
    put: ({ name, pattern, targets }) => {
      rules.set(name, { matches: eventPattern(pattern), address: targetReader(name, targets) });
    },
    address: (event) => [...rules.values()].flatMap(({ matches, address }) => (matches(event) ? address(event) : [])),
  };
};
