import { withoutTurning } from './captions.ts';
import { paragraphsOf, type Paragraph } from './paragraphs.ts';
import { clockTime } from './times.ts';
import type { Transcript } from './transcript.ts';

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string =>
  withoutTurning(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);

/** Readable in light and dark, on a telephone and on paper, without anything from elsewhere. */
const style = [
  ':root{color-scheme:light dark}',
  'body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif}',
  'p{margin:0 0 1rem;overflow-wrap:anywhere}',
  'time{margin-inline-end:.25rem;opacity:.7;font-size:.875rem;font-variant-numeric:tabular-nums}',
].join('');

/** What a page may load: nothing. It holds words of others, and is served from a bucket or opened from a disk. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

/** BCP 47 as far as it is safe in an attribute; an empty one says that nobody knows. */
const languageOf = ({ language = '' }: Transcript): string => (/^[A-Za-z0-9-]{2,35}$/.test(language) ? language : '');

/** The transcript to read: a page without scripts, a paragraph a turn, each with a place to link to: `#t=<seconds>`. */
export const writeHtml = (transcript: Transcript, title = 'Transcript'): string => {
  const anchors = new Set<number>();
  const paragraph = ({ startMs, name, captions }: Paragraph): string => {
    const seconds = Math.floor(startMs / 1_000);
    const id = anchors.has(seconds) ? '' : ` id="t=${seconds}"`;
    anchors.add(seconds);
    const speaker = name ? `<b><bdi>${escape(name)}</bdi>:</b> ` : '';
    // By its own letters, so that each turn reads in its own direction.
    return `<p dir="auto"${id}><time>${clockTime(startMs)}</time> ${speaker}${captions.map(({ text }) => escape(text)).join(' ')}</p>`;
  };
  return [
    '<!doctype html>',
    `<html lang="${languageOf(transcript)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escape(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<h1 dir="auto">${escape(title)}</h1>`,
    ...paragraphsOf(transcript).map(paragraph),
    '</body>',
    '</html>',
    '',
  ].join('\n');
};
