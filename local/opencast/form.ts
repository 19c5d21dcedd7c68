/** The fields of a form in the order in which they came, which matters to Opencast. */
export type Fields = readonly (readonly [name: string, value: string])[];

export const readUrlEncoded = (body: string): Fields => [...new URLSearchParams(body)];

/** Undefined where it is no form; files in a form are not for this stand-in. */
export const readMultipart = (contentType: string, body: Buffer): Fields | { readonly hasFile: string } | undefined => {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^\s;]+))/i
    .exec(contentType)
    ?.slice(1)
    .find(Boolean);
  if (!boundary) return undefined;
  const text = body.toString('utf8');
  const [, ...parts] = `\r\n${text}`.split(`\r\n--${boundary}`);
  if (!parts.at(-1)?.startsWith('--')) return undefined;
  const fields: (readonly [string, string])[] = [];
  for (const part of parts.slice(0, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const head = part.slice(0, Math.max(0, end));
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (end < 0 || name === undefined) return undefined;
    if (/;\s*filename=/i.test(head)) return { hasFile: name };
    fields.push([name, part.slice(end + 4)]);
  }
  return fields;
};
