import type { BuiltPage } from '../../../core/page/built-page.ts';
import { pageHeaders } from '../../../core/page/page-headers.ts';
import type { PageRequest } from '../../../core/step/page-route.ts';
import type { Answer } from '../../../core/step/route.ts';

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Its name holds a digest of what is in it: it never changes, and may be kept by whoever has it. */
const forever = { 'cache-control': 'public, max-age=31536000, immutable' };

/** Scripts, styles and pictures of the pages. The same for everybody, so that no proof is asked for. */
export const consoleAsset =
  ({ built }: { built: Pick<BuiltPage, 'asset'> }) =>
  async ({ path: { name = '' } }: PageRequest): Promise<Answer> => {
    const type = types[name.slice(name.lastIndexOf('.') + 1)];
    const content = type && built.asset(name);
    if (!content) return missing();
    return { status: 200, headers: { ...pageHeaders(), ...forever, 'content-type': type }, content };
  };

const plain = (status: number, text: string): Answer => ({
  status,
  headers: { ...pageHeaders(), 'content-type': 'text/plain; charset=utf-8' },
  content: text,
});
const missing = (): Answer => plain(404, 'There is no such file. Load the page again.');
export const broken = (): Answer => plain(500, 'Something broke on our side. Try again in a minute.');
