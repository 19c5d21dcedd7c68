// Compiles summary.mjml to the HTML that summary-template.ts holds: `npm run mail`, with `--check` to look whether it
// is fresh. MJML is several megabytes; a function is given what comes out of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import mjml from 'mjml-core';
import preset from 'mjml-preset-core';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

const compile = async () => {
  const { html } = await mjml.default(readFileSync(pathOf('summary.mjml'), 'utf8'), {
    presets: [preset],
    validationLevel: 'strict',
    keepComments: false,
    minify: false,
    fonts: {},
  });
  const lean = html
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
    // A tag in one line: what is sent with every mail has no use for the layout of the compiler.
    .replace(/<(\w+)[\n ]+/g, '<$1 ')
    .replace(/"\n>/g, '">')
    // All that a mail holds is its main part; an article without a landmark around it is none to a screen reader.
    .replace('aria-label="{{subject}}" aria-roledescription="email" role="article"', 'role="main"');
  const quoted = lean.replace(/[\\`]|\$\{/g, '\\$&');
  return `/** Made of summary.mjml by \`npm run mail\`; a test holds it to be fresh. */\nexport const summaryTemplate = \`${quoted}\n\`;\n`;
};

const target = pathOf('summary-template.ts');
const source = await compile();
if (!process.argv.includes('--check')) writeFileSync(target, source);
else if (readFileSync(target, 'utf8') !== source) {
  console.error('The template of the mail is stale: npm run mail');
  process.exitCode = 1;
}
