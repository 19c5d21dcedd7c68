import { createHash } from 'node:crypto';
import { template } from '../../../core/mail/fill.ts';
import { pageHeaders } from '../../../core/page/page-headers.ts';
import type { Answer } from '../../../core/step/route.ts';

const style = `
:root { color-scheme: light dark; }
body { margin: 0; background: #eef2f3; color: #1d2a2e; font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 32rem; margin: 10vh auto; padding: 2rem; background: #fff; border-top: 6px solid #0f766e; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1.25rem; }
button { padding: 0.75rem 1.25rem; border: 0; border-radius: 8px; background: #0f766e; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible { outline: 3px solid #5cc7bc; outline-offset: 2px; }
@media (max-width: 40rem) { main { margin: 0; } }
@media (prefers-color-scheme: dark) { body { background: #10181b; color: #e6eef0; } main { background: #182327; } }
`;

const fill = template(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>{{title}}</h1>
<p>{{text}}</p>
{{#button}}<form method="post"><input type="hidden" name="{{name}}" value="1"><button type="submit">{{label}}</button></form>{{/button}}
</main>
</body>
</html>
`);

/** No script, nothing from elsewhere, and this one style. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What a person sees who follows the link. */
const pages = {
  ask: {
    status: 200,
    title: 'Stop these mails?',
    text: 'After this, no mail about recordings of meetings comes to this address any more, whichever meeting it is.',
    button: { name: 'stop', label: 'Stop these mails' },
  },
  stopped: {
    status: 200,
    title: 'These mails are stopped',
    text: 'No mail about recordings of meetings comes to this address any more. You can take that back, here and now or later with the same link.',
    button: { name: 'again', label: 'Send them again' },
  },
  barred: {
    status: 200,
    title: 'These mails are stopped',
    text: 'The mail service has said that mail to this address comes back or is not wanted. The people who run this service can lift that.',
  },
  resumed: {
    status: 200,
    title: 'These mails come again',
    text: 'Mails about recordings of your meetings come to this address as before.',
    button: { name: 'stop', label: 'Stop these mails' },
  },
  wrongLink: {
    status: 403,
    title: 'This link is not valid',
    text: 'It may have been cut off or changed on its way. Open the link from the mail once more, or copy the whole of it.',
  },
  broken: {
    status: 500,
    title: 'Something broke on our side',
    text: 'Nothing has changed. Try again in a minute.',
  },
} as const;

export const show = (which: keyof typeof pages): Answer => {
  const { status, ...page } = pages[which];
  return {
    status,
    headers: { ...pageHeaders(), 'content-security-policy': policy, 'content-type': 'text/html; charset=utf-8' },
    content: fill(page),
  };
};
