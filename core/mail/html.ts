/**
 * HTML by tagged template: what is written in the template is markup, every value is text. Values may stand between
 * tags and inside double quotes, nowhere else; addresses of links come from the view, whose schema allows http(s) alone.
 */
export type Html = { readonly markup: string };

type Value = string | number | Html | readonly Html[] | undefined | false;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const toMarkup = (value: Value): string => {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
};

/** Indentation is for the reader of the template; sent, it would count against the size of the mail. */
const withoutIndentation = (part: string): string => part.replace(/\s*\n\s*/g, '\n');

export const html = (template: TemplateStringsArray, ...values: Value[]): Html => ({
  markup: template
    .map((part, index) => (index > 0 ? toMarkup(values[index - 1]) : '') + withoutIndentation(part))
    .join(''),
});
