import { writeFileSync } from 'node:fs';
import { summaryMail } from '../../../core/mail/summary-mail.ts';
import { cases } from './cases.ts';

/** Writes the mails that are kept: `npm run mail:fixtures`. */
for (const [name, { recorded, reader }] of Object.entries(cases)) {
  const { html, subject, text } = summaryMail(recorded, reader);
  writeFileSync(`test/fixtures/mail/${name}.html`, html);
  writeFileSync(`test/fixtures/mail/${name}.txt`, `Subject: ${subject}\n\n${text}`);
}
