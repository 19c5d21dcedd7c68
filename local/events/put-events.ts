import { AwsError, notSupported } from '../gateway/aws-error.ts';
import { localAccount, localRegion } from '../gateway/credentials.ts';
import type { PublishedEvent } from './events.ts';

type Entry = Partial<Record<'Source' | 'DetailType' | 'Detail' | 'EventBusName', string>> & {
  Resources?: string[];
  Time?: number;
};
type Result = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

const mostEntries = 10;
/** Bytes of all entries of a request together. */
const largestRequest = 256 * 1024;
const members = ['Source', 'DetailType', 'Detail', 'EventBusName', 'Resources', 'Time'];
const buses = ['default', `arn:aws:events:${localRegion}:${localAccount}:event-bus/default`];

const sizeOf = ({ Source = '', DetailType = '', Detail = '', Resources = [], Time }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (total, text) => total + Buffer.byteLength(text),
    Time === undefined ? 0 : 14,
  );

const checkEntry = (entry: Entry): { ErrorCode: string; ErrorMessage: string } | PublishedEvent => {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  }
  const { Source = '', DetailType = '', Detail = '', Resources, Time } = entry;
  if (/^aws\./i.test(Source))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  let detail: unknown;
  try {
    detail = JSON.parse(Detail);
  } catch {
    // Answered below, like any other detail that is not an object.
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return {
    source: Source,
    'detail-type': DetailType,
    detail,
    ...(Resources && { resources: Resources }),
    ...(Time !== undefined && { time: new Date(Time * 1000) }),
  };
};

/** PutEvents: entries are judged one by one, the request as a whole only by count and size. */
export const putEvents = async (
  input: { Entries?: Entry[] },
  publish: (event: PublishedEvent) => Promise<string>,
): Promise<unknown> => {
  const entries = input.Entries;
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > mostEntries) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${mostEntries}`,
    );
  }
  for (const entry of entries) {
    const other = Object.keys(entry).find((name) => !members.includes(name));
    if (other !== undefined) throw notSupported(`The member ${other} of PutEvents`);
    if (entry.EventBusName !== undefined && !buses.includes(entry.EventBusName))
      throw notSupported(`The event bus ${entry.EventBusName}`);
  }
  if (entries.reduce((total, entry) => total + sizeOf(entry), 0) > largestRequest) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const results: Result[] = [];
  for (const entry of entries) {
    const checked = checkEntry(entry);
    results.push('ErrorCode' in checked ? checked : { EventId: await publish(checked) });
  }
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
};
