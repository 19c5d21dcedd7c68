/**
 * A small template engine: `{{name}}` is text, `{{#name}}…{{/name}}` stands once for each element of a list, once for
 * an object or anything else that is there, `{{^name}}…{{/name}}` where there is none. A name is looked for in the
 * innermost object first. There is no way to put markup in: values may stand between tags and inside double quotes.
 */
export type Values = { readonly [name: string]: Value };
type Value = string | number | boolean | undefined | Values | readonly Values[];

type Part = string | { readonly kind: '' | '#' | '^'; readonly name: string; readonly inner: readonly Part[] };

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

/** Reads a template once; what comes out fills it. */
export const template = (source: string): ((values: Values) => string) => {
  // Text and tags by turns: every third piece is text, then come a tag's sign and its name.
  const pieces = source.split(/\{\{([#^/]?)(\w+)\}\}/);
  const parse = (from: number, until?: string): { parts: Part[]; next: number } => {
    const parts: Part[] = [];
    for (let at = from; at < pieces.length; at += 3) {
      const [text = '', kind, name = ''] = pieces.slice(at, at + 3);
      parts.push(text);
      if (kind === undefined) break;
      if (kind === '/') {
        if (name !== until) throw new Error(`the template closes ${name} where ${until ?? 'nothing'} is open`);
        return { parts, next: at + 3 };
      }
      if (kind === '') parts.push({ kind, name, inner: [] });
      else {
        const { parts: inner, next } = parse(at + 3, name);
        parts.push({ kind: kind as '#' | '^', name, inner });
        at = next - 3;
      }
    }
    if (until !== undefined) throw new Error(`the template does not close ${until}`);
    return { parts, next: pieces.length };
  };
  const { parts } = parse(0);
  return (values) => write(parts, [values]);
};

const write = (parts: readonly Part[], scopes: readonly Values[]): string =>
  parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = scopes.find((scope) => Object.hasOwn(scope, part.name))?.[part.name];
      const isThere = Array.isArray(value) ? value.length > 0 : Boolean(value);
      if (part.kind === '^') return isThere ? '' : write(part.inner, scopes);
      if (part.kind === '') return typeof value === 'object' || !isThere ? '' : escape(String(value));
      if (!isThere) return '';
      if (Array.isArray(value)) return value.map((one: Values) => write(part.inner, [one, ...scopes])).join('');
      return write(part.inner, typeof value === 'object' ? [value as Values, ...scopes] : scopes);
    })
    .join('');
