import type { Job, JobFile } from '../../core/job/job.ts';

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#0a7}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600}code{background:var(--soft);padding:.1rem .3rem;border-radius:.25rem;overflow-wrap:anywhere}
.state{border-radius:1rem;padding:.1rem .6rem;background:var(--soft);white-space:nowrap}
.done{background:#0a73}.failed{background:#c333}.running{background:#08c3}
nav a{margin-right:1rem}.empty{padding:2rem;border:1px dashed var(--line);border-radius:.5rem}`;

export const document = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} – Rapporteur</title><style>${style}</style></head>
<body><nav><a href="/">Recordings</a><a href="/mail">Mailbox</a><a href="/archive/">Archive</a></nav>
<main><h1>${escape(title)}</h1>
${body}
</main></body></html>`;

const stateOf = (job: Job): string => {
  const says = { done: 'done', rejected: 'skipped', failed: 'failed', running: job.step ?? 'starting' }[job.status];
  return `<span class="state ${job.status}">${escape(says)}</span>`;
};

const link = (href: string, text: string): string => `<a href="${escape(href)}">${escape(text)}</a>`;
const keyLink = (key: string): string => link(`/archive/${key.split('/').map(encodeURIComponent).join('/')}`, key);

export const overviewPage = (jobs: readonly Job[], endpoints: Record<string, string>): string => {
  const rows = jobs.map(
    (job) =>
      `<tr><td>${link(`/jobs/${job.jobId}`, job.topic ?? job.jobId)}</td><td>${escape(job.startTime ?? '')}</td><td>${stateOf(job)}</td><td>${job.files.size}</td></tr>`,
  );
  const table = `<table><thead><tr><th>Recording</th><th>Start</th><th>State</th><th>Files</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const list = Object.entries(endpoints).map(
    ([what, url]) => `<tr><th scope="row">${escape(what)}</th><td><code>${escape(url)}</code></td></tr>`,
  );
  return document(
    'Recordings',
    `${jobs.length > 0 ? table : '<p class="empty">No recording yet. It appears here as soon as Zoom announces one.</p>'}
<h2>Addresses</h2><table><tbody>${list.join('')}</tbody></table>`,
  );
};

const sizeOf = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `${bytes.toLocaleString('en')} bytes`;

/** Why a file is not in the archive, where the row says so. */
const becauseOf = ({ missingBecause, skippedBecause }: JobFile): string => {
  const because = missingBecause ?? skippedBecause;
  return because ? `: ${because}` : '';
};

/** `page`: where whoever has a link sees this recording. */
export const jobPage = (job: Job, files: readonly JobFile[], others: readonly string[], page: string): string => {
  const facts: [string, string][] = [
    ['State', stateOf(job)],
    ['Page', link(page, 'The page of this recording, as a mail leads to it')],
    ['Job', `<code>${escape(job.jobId)}</code>, attempt ${job.attempt}`],
    ...(job.reason ? [['Reason', escape(job.reason)] as [string, string]] : []),
    ...(job.failure
      ? ([
          ['What happened', `${escape(job.failure.sentence)} <code>${escape(job.failure.code)}</code>`],
          ['What to do', escape(job.failure.action)],
          ['Details', escape(job.failure.detail)],
        ] as [string, string][])
      : []),
    ['Mail', job.mailSentAt ? `sent ${escape(job.mailSentAt)}` : 'not sent'],
    ...job.notes.map((note) => ['Note', escape(note)] as [string, string]),
  ];
  const rows = files.map(
    (file) =>
      `<tr><td>${file.status === 'archived' ? keyLink(file.key) : escape(file.key)}</td><td>${escape(file.status)}${escape(becauseOf(file))}</td><td>${sizeOf(file.receivedBytes)}</td></tr>`,
  );
  return document(
    job.topic ?? job.jobId,
    `<table><tbody>${facts.map(([what, html]) => `<tr><th scope="row">${what}</th><td>${html}</td></tr>`).join('')}</tbody></table>
<h2>Files</h2>${rows.length > 0 ? `<table><tbody>${rows.join('')}</tbody></table>` : '<p class="empty">No file is planned yet.</p>'}
${others.length > 0 ? `<h2>Made from it</h2><ul>${others.map((key) => `<li>${keyLink(key)}</li>`).join('')}</ul>` : ''}`,
  );
};

export const archivePage = (keys: readonly string[]): string =>
  document(
    'Archive',
    keys.length > 0
      ? `<ul>${keys.map((key) => `<li>${keyLink(key)}</li>`).join('')}</ul>`
      : '<p class="empty">Nothing is archived yet.</p>',
  );
