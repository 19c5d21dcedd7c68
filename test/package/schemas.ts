import { createRequire } from 'node:module';
import type { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { PropertyType, ResourceProperties } from '@aws-cdk/service-spec-types';
import type { Resource, Template } from '../../local/template/schema.ts';
import { referencesIn } from './references.ts';

// A package in CommonJS that finds its data by its own place.
const { loadAwsServiceSpecSync: load } = createRequire(import.meta.url)('@aws-cdk/aws-service-spec') as {
  loadAwsServiceSpecSync: typeof loadAwsServiceSpecSync;
};
const database = load();

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is known only when CloudFormation works it out. */
const isIntrinsic = (value: unknown): boolean => {
  const keys = isRecord(value) ? Object.keys(value) : [];
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]?.startsWith('Fn::') === true);
};

const isText = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
/** CloudFormation turns the text of a number into a number. */
const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
const oneOf = (value: unknown, allowed: readonly unknown[] | undefined): boolean =>
  allowed === undefined || allowed.map(String).includes(String(value));

const checkValue = (value: unknown, type: PropertyType, at: string): string[] => {
  if (isIntrinsic(value)) return [];
  const must = (isRight: boolean, what: string): string[] => (isRight ? [] : [`${at} must be ${what}`]);
  switch (type.type) {
    case 'string':
      return must(isText(value) && oneOf(value, type.allowedValues), type.allowedValues?.join(' or ') ?? 'text');
    case 'date-time':
      return must(isText(value), 'text');
    case 'integer':
      return must(
        isNumber(value) && Number.isInteger(Number(value)) && oneOf(value, type.allowedValues),
        'a whole number',
      );
    case 'number':
      return must(isNumber(value), 'a number');
    case 'boolean':
      return must(['true', 'false'].includes(String(value)), 'true or false');
    case 'json':
      return must(isRecord(value) || typeof value === 'string', 'an object');
    case 'null':
      return must(value === null, 'null');
    case 'tag':
      return must(isRecord(value) && 'Key' in value && 'Value' in value, 'a tag');
    case 'array':
      if (!Array.isArray(value)) return must(false, 'a list');
      return value.flatMap((element, index) => checkValue(element, type.element, `${at}[${index}]`));
    case 'map':
      if (!isRecord(value)) return must(false, 'an object');
      return Object.entries(value).flatMap(([key, element]) => checkValue(element, type.element, `${at}.${key}`));
    case 'union': {
      const each = type.types.map((one) => checkValue(value, one, at));
      return each.some((found) => found.length === 0) ? [] : (each.sort((a, b) => a.length - b.length)[0] ?? []);
    }
    case 'ref': {
      const { properties } = database.get('typeDefinition', type.reference.$ref);
      return isRecord(value) ? checkProperties(value, properties, at) : must(false, 'an object');
    }
  }
};

const checkProperties = (given: Record<string, unknown>, known: ResourceProperties, at: string): string[] => [
  ...Object.entries(known).flatMap(([name, { required }]) =>
    required && given[name] === undefined ? [`${at}.${name} is missing`] : [],
  ),
  ...Object.entries(given).flatMap(([name, value]) => {
    const property = known[name];
    return property ? checkValue(value, property.type, `${at}.${name}`) : [`${at}.${name} is unknown`];
  }),
];

const schemaOf = (type: string) => database.lookup('resource', 'cloudFormationType', 'equals', type)[0];

/** What CloudFormation's own schema says against a resource. */
export const complaintsAbout = (logicalId: string, { Type, Properties }: Resource): string[] => {
  const schema = schemaOf(Type);
  return schema
    ? checkProperties(Properties, schema.properties, logicalId)
    : [`${logicalId}: ${Type} is no type of CloudFormation`];
};

/** Fn::GetAtt of attributes that the resource's type does not have. */
export const unknownAttributesIn = (template: Template): string[] =>
  [...Object.entries(template.Resources), ...Object.entries(template.Outputs)].flatMap(([where, part]) =>
    referencesIn(part).flatMap(({ to, attribute }) => {
      const resource = template.Resources[to];
      if (!resource || attribute === undefined) return [];
      const attributes = schemaOf(resource.Type)?.attributes ?? {};
      return attributes[attribute] ? [] : [`${where}: ${resource.Type} has no attribute ${attribute}`];
    }),
  );

/** Whether CloudWatch has the metric with exactly these dimensions, as AWS documents it. */
export const isMetric = (namespace: string, name: string, dimensions: readonly string[]): boolean =>
  database
    .lookup('metric', 'namespace', 'equals', namespace)
    .filter((metric) => metric.name === name)
    .flatMap((metric) => database.follow('usesDimensionSet', metric))
    .some(
      ({ entity }) =>
        entity.dimensions
          .map((one) => one.name)
          .sort()
          .join() === [...dimensions].sort().join(),
    );

/** The fields of an event's detail, as its publisher registered them; nothing for an event that AWS does not know. */
export const fieldsOfEvent = (source: string, detailType: string): string[] =>
  database
    .all('event')
    .filter((event) => event.source === source && event.detailType === detailType)
    .flatMap((event) => Object.keys(database.get('eventTypeDefinition', event.rootProperty.$ref).properties));
