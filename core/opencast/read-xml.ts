/**
 * An attribute of the root element of a document, if that is the one of this name and namespace. The prefix is
 * Opencast's to choose: it differs from version to version, and from call to call.
 */
export const rootAttribute = (
  text: string,
  root: { readonly name: string; readonly namespace: string },
  attribute: string,
): string | undefined => {
  const start = text.replace(/^\s*(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->|\s)*/, '');
  const [, prefix = '', name, attributes = ''] =
    /^<(?:([\w.-]+):)?([\w.-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/.exec(start) ?? [];
  const all = new Map(
    [...attributes.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, key = '', a, b]) => [
      key,
      a ?? b ?? '',
    ]),
  );
  const namespace = all.get(prefix ? `xmlns:${prefix}` : 'xmlns');
  return name === root.name && namespace === root.namespace ? all.get(attribute) : undefined;
};

export const escapeXml = (text: string): string =>
  text
    // Characters that no XML may hold, however they are written.
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
