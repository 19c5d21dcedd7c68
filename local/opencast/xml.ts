/** An element with the namespace that it is in, whatever prefix stands for it. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescape = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });

/** Declarations, comments, text in CDATA, tags, text. What has a DTD is refused, for the sake of entities. */
const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/)?([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/)?>|([^<]+)/y;
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

type Open = {
  tag: string;
  scope: ReadonlyMap<string, string>;
  element: XmlElement;
  children: XmlElement[];
  text: string;
};

/** Throws a SyntaxError where the text is no document of one element. */
export const readXml = (source: string): XmlElement => {
  const text = source.replace(/^\uFEFF/, '').trim();
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (!found) throw new SyntaxError(`not XML at character ${at}`);
    const [, cdata, closes, tag, attributes = '', isEmpty, plain] = found;
    const top = stack.at(-1);
    if (cdata !== undefined || plain !== undefined) {
      if (top) top.text += cdata ?? unescape(plain ?? '');
      else if ((cdata ?? plain ?? '').trim() !== '') throw new SyntaxError('text stands outside the root element');
    } else if (closes) {
      if (!top || top.tag !== tag) throw new SyntaxError(`</${tag}> closes nothing`);
      root = close(stack);
    } else if (tag !== undefined) {
      if (root && stack.length === 0) throw new SyntaxError('there is more than one root element');
      stack.push(open(tag, attributes, top?.scope ?? new Map()));
      if (isEmpty) root = close(stack);
    }
  }
  if (!root || stack.length > 0) throw new SyntaxError('the root element is not closed');
  return root;
};

const open = (tag: string, source: string, outer: ReadonlyMap<string, string>): Open => {
  const all = [...source.matchAll(attribute)].map(([, name = '', a, b]) => [name, unescape(a ?? b ?? '')] as const);
  const scope = new Map(outer);
  for (const [name, value] of all) {
    if (name === 'xmlns') scope.set('', value);
    if (name.startsWith('xmlns:')) scope.set(name.slice(6), value);
  }
  const [prefix, name] = tag.includes(':') ? (tag.split(':') as [string, string]) : ['', tag];
  const namespace = scope.get(prefix) ?? '';
  if (prefix !== '' && namespace === '') throw new SyntaxError(`the prefix ${prefix} has no namespace`);
  const attributes = Object.fromEntries(all.filter(([one]) => !one.startsWith('xmlns')));
  return { tag, scope, element: { name, namespace, attributes, children: [], text: '' }, children: [], text: '' };
};

/** The last one that was opened; it is the root when nothing is around it. */
const close = (stack: Open[]): XmlElement => {
  const { element, children, text } = stack.pop() as Open;
  const done = { ...element, children, text: text.trim() };
  stack.at(-1)?.children.push(done);
  return done;
};

export const childrenOf = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child) => child.name === name);

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char] ?? char);
