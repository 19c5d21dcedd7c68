import { readFileSync, readdirSync } from 'node:fs';

/** What Vite built of console/, packed beside the function: a few files, read when the first of them is asked for. */
export type BuiltPage = {
  /** The HTML document of that name. */
  readonly document: (name: string) => string;
  /** A file with a digest in its name, or undefined. */
  readonly asset: (name: string) => Buffer | undefined;
};

export const openBuiltPage = (folder: URL): BuiltPage => {
  let assets: Map<string, Buffer> | undefined;
  const documents = new Map<string, string>();
  return {
    document: (name) => {
      const text = documents.get(name) ?? readFileSync(new URL(`${name}.html`, folder), 'utf8');
      documents.set(name, text);
      return text;
    },
    asset: (name) => {
      // By what is there, never by a path that somebody sent.
      assets ??= new Map(
        readdirSync(new URL('assets/', folder)).map((file) => [file, readFileSync(new URL(`assets/${file}`, folder))]),
      );
      return assets.get(name);
    },
  };
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Fills the places `{{name}}` of a document with text. */
export const filled = (html: string, texts: Readonly<Record<string, string>>): string =>
  html.replace(/\{\{(\w+)\}\}/g, (_place, name: string) => escape(texts[name] ?? ''));
