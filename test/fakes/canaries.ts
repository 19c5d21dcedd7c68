import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place that must not hold a secret, with the text that lies there. */
export type Place = { readonly where: string; readonly text: string };

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
const unicodeEscaped = (text: string): string =>
  [...text]
    .map((letter) => (/[\w]/.test(letter) ? letter : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('');
const entities = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Base64 of the text at each of its three places in a group of bytes, without the letters that neighbours share. */
const base64Forms = (text: string): string[] =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(from, to);
  });

/** The text in every form in which a log, a page or a message would carry it on. */
const formsOf = (text: string): string[] => {
  const plain = [text, escaped(text), escaped(escaped(text)), unicodeEscaped(text), entities(text)];
  const urls = [encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text)), percent(text)];
  const base64 = base64Forms(text).flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
  const hex = Buffer.from(text).toString('hex');
  return [...new Set([...plain, ...urls, ...base64, hex])];
};

/** Says which canary is where; nothing, if none is anywhere. */
export const findCanaries = (canaries: Readonly<Record<string, string>>, places: readonly Place[]): string[] =>
  Object.entries(canaries).flatMap(([name, canary]) => {
    if (canary.length < 8) throw new Error(`The canary ${name} is too short to be told from other text.`);
    const forms = formsOf(canary);
    return places.flatMap(({ where, text }) => {
      const lower = text.toLowerCase();
      return forms.some((form) => text.includes(form) || lower.includes(form.toLowerCase()))
        ? [`${name} in ${where}`]
        : [];
    });
  });

/** Every file below a folder. */
export const filesIn = (folder: string): Place[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ where: file.slice(folder.length + 1), text: readFileSync(file, 'latin1') }));
