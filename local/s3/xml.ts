const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become numeric references: a parser would fold a bare carriage return into a line feed. */
const escape = (value: string): string =>
  value.replace(/[&<>"\u0000-\u001f\u007f]/g, (char) => escapes[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);

/** An element around elements that are already XML. */
export const element = (name: string, ...children: string[]): string => `<${name}>${children.join('')}</${name}>`;

/** An element around a value. */
export const text = (name: string, value: string | number | boolean): string => element(name, escape(String(value)));

/** The same, or nothing when there is no value. */
export const optionalText = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : text(name, value);

export const document = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;

/** The answer of an operation: its root element carries the namespace that clients expect. */
export const answer = (root: string, ...children: string[]): string =>
  document(`<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join('')}</${root}>`);

export interface XmlNode {
  name: string;
  /** Text of an element without children; empty otherwise. */
  text: string;
  children: XmlNode[];
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (value: string): string =>
  value.replace(/&([^;&]*);?/g, (whole, body: string) => {
    const number = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(body);
    const code = number ? (number[1] ? parseInt(number[1], 16) : Number(number[2])) : undefined;
    const char = code === undefined ? entities[body] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
    if (char === undefined || !whole.endsWith(';')) throw new SyntaxError('unknown entity');
    return char;
  });

/** Deeper than any body S3 defines. */
const maxDepth = 10;
const token =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** Reads the small bodies of requests. No DOCTYPE, no CDATA: both are refused as malformed. */
export const parseXml = (source: string): XmlNode => {
  const top: XmlNode = { name: '', text: '', children: [] };
  const open = [top];
  token.lastIndex = 0;
  for (let at = 0; at < source.length; at = token.lastIndex) {
    const match = token.exec(source);
    if (!match) throw new SyntaxError(`not XML at character ${at}`);
    const [, closing, name, , selfClosing, chars] = match;
    const parent = open[open.length - 1]!;
    if (chars !== undefined) parent.text += unescape(chars);
    else if (name === undefined) continue;
    else if (closing) {
      if (open.length === 1 || parent.name !== name) throw new SyntaxError(`unexpected </${name}>`);
      if (parent.children.length > 0) parent.text = '';
      open.pop();
    } else {
      const node: XmlNode = { name, text: '', children: [] };
      parent.children.push(node);
      if (!selfClosing) open.push(node);
      if (open.length > maxDepth) throw new SyntaxError('nested too deeply');
    }
  }
  const root = top.children[0];
  if (!root || top.children.length > 1 || open.length > 1 || top.text.trim() !== '')
    throw new SyntaxError('one root expected');
  return root;
};

export const childText = (node: XmlNode, name: string): string | undefined =>
  node.children.find((child) => child.name === name)?.text;
