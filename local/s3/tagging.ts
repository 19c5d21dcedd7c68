import { s3Error } from './errors.ts';
import type { XmlNode } from './xml.ts';
import { answer, childText, element, text } from './xml.ts';

const maxTags = 10;
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Keys up to 128 characters, values up to 256, no key twice, ten in all. */
const checkTags = (pairs: readonly (readonly [string, string])[]): Record<string, string> => {
  if (pairs.length > maxTags) throw s3Error('BadRequest', `Object tags cannot be greater than ${maxTags}`);
  for (const [key, value] of pairs) {
    if (key.length < 1 || key.length > 128 || !allowed.test(key))
      throw s3Error('InvalidTag', 'The TagKey you have provided is invalid', { TagKey: key });
    if (value.length > 256 || !allowed.test(value)) {
      throw s3Error('InvalidTag', 'The TagValue you have provided is invalid', { TagKey: key, TagValue: value });
    }
  }
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length < pairs.length)
    throw s3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  return tags;
};

/** The x-amz-tagging header: tags as URL parameters. */
export const parseTagHeader = (header: string): Record<string, string> => checkTags([...new URLSearchParams(header)]);

export const parseTagging = (tagging: XmlNode): Record<string, string> => {
  const set = tagging.children.find(({ name }) => name === 'TagSet');
  if (!set) throw s3Error('MalformedXML');
  return checkTags(
    set.children.map((tag) => {
      const key = childText(tag, 'Key');
      const value = childText(tag, 'Value');
      if (tag.name !== 'Tag' || key === undefined || value === undefined) throw s3Error('MalformedXML');
      return [key, value] as const;
    }),
  );
};

export const taggingXml = (tags: Record<string, string>): string =>
  answer(
    'Tagging',
    element(
      'TagSet',
      ...Object.entries(tags).map(([key, value]) => element('Tag', text('Key', key), text('Value', value))),
    ),
  );
