import type { Template } from '../../local/template/schema.ts';

export interface Reference {
  readonly to: string;
  /** Of Fn::GetAtt. */
  readonly attribute?: string;
  readonly isCondition?: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ofPath = (path: string): Reference => {
  const [to = '', ...rest] = path.split('.');
  return { to, attribute: rest.join('.') };
};

const ofText = (text: string, own: Record<string, unknown>): Reference[] =>
  [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].flatMap(([, name = '']) => {
    if (Object.hasOwn(own, name)) return [];
    return [name.includes('.') ? ofPath(name) : { to: name }];
  });

/** Everything that a part of a template refers to by Ref, Fn::GetAtt, Fn::Sub, Fn::If and Condition. */
export const referencesIn = (value: unknown): Reference[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const [[key, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return Object.values(value).flatMap(referencesIn);
  if (key === 'Ref') return [{ to: String(argument) }];
  if (key === 'Condition' && typeof argument === 'string') return [{ to: argument, isCondition: true }];
  if (key === 'Fn::GetAtt') return [ofPath(Array.isArray(argument) ? argument.join('.') : String(argument))];
  if (key === 'Fn::If' && Array.isArray(argument))
    return [{ to: String(argument[0]), isCondition: true }, ...referencesIn(argument.slice(1))];
  if (key === 'Fn::Sub') {
    const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
    return [...ofText(text, own), ...referencesIn(Object.values(own))];
  }
  return referencesIn(argument);
};

const listed = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));

/** For each resource the others that have to be there first. */
export const needsOf = (template: Template): Map<string, Set<string>> =>
  new Map(
    Object.entries(template.Resources).map(([logicalId, { Properties, DependsOn }]) => [
      logicalId,
      new Set([
        ...referencesIn(Properties)
          .map(({ to }) => to)
          .filter((to) => Object.hasOwn(template.Resources, to)),
        ...listed(DependsOn),
      ]),
    ]),
  );

/** The resources of a circle, or nothing. */
export const circleIn = (needs: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined => {
  const free = new Set<string>();
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (free.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const next of needs.get(name) ?? []) {
      const circle = visit(next, [...path, name]);
      if (circle) return circle;
    }
    free.add(name);
    return undefined;
  };
  for (const name of needs.keys()) {
    const circle = visit(name, []);
    if (circle) return circle;
  }
  return undefined;
};

/** References to what the template does not have, and to what may be absent when its reader is there. */
export const danglingIn = (template: Template): string[] => {
  const exists = ({ to, isCondition }: Reference): boolean =>
    isCondition
      ? Object.hasOwn(template.Conditions, to)
      : to.startsWith('AWS::') || Object.hasOwn(template.Resources, to) || Object.hasOwn(template.Parameters, to);
  const conditionOf = (to: string): string | undefined => template.Resources[to]?.Condition;
  const complain = (where: string, references: Reference[], condition?: string): string[] =>
    references.flatMap((reference) => {
      if (!exists(reference)) return [`${where} refers to ${reference.to}, which does not exist`];
      const needed = reference.isCondition ? undefined : conditionOf(reference.to);
      return needed && needed !== condition
        ? [`${where} refers to ${reference.to}, which exists only if ${needed}`]
        : [];
    });
  return [
    ...Object.entries(template.Resources).flatMap(([logicalId, { Properties, DependsOn, Condition }]) => [
      ...complain(logicalId, referencesIn(Properties), Condition),
      ...complain(
        logicalId,
        listed(DependsOn).map((to) => ({ to })),
        Condition,
      ),
      ...(Condition ? complain(logicalId, [{ to: Condition, isCondition: true }]) : []),
    ]),
    ...Object.entries(template.Outputs).flatMap(([name, { Value, Condition }]) =>
      complain(`Output ${name}`, referencesIn(Value), Condition),
    ),
    ...complain('Conditions', referencesIn(template.Conditions)),
  ];
};
