import { openBuiltPage } from '../../../core/page/built-page.ts';
import { pageRoute } from '../../../core/step/page-route.ts';
import { broken, consoleAsset } from './console-asset.ts';

const built = openBuiltPage(new URL('../../../console/dist/', import.meta.url));

export const handler = pageRoute({ name: 'consoleAsset', run: consoleAsset({ built }), broken });
