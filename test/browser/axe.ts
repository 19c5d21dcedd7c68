import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds on a page, one line a finding. Evaluated from outside, since the page's policy allows no script. */
export const axeFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(async () =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ exclude: [] }),
  );
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')})`,
  );
};
