import { html, type Html } from './html.ts';
import type { Item, Section, SummaryView } from './view.ts';

/**
 * One column of at most 600 px. Layout tables are hidden from screen readers; colours keep 4.5:1 in light and dark,
 * and the important ones stand inline for mail programs that drop the style sheet.
 */
export const writeHtml = (view: SummaryView): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${view.subject}</title>
        ${style}
      </head>
      <body
        class="page"
        style="margin:0;padding:0;background:#eef2f3;color:#1d2a2e;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
      >
        <div style="display:none;max-height:0;overflow:hidden">${view.preheader}</div>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
          <tr>
            <td align="center" class="outer" style="padding:24px 12px">
              <table
                role="presentation"
                class="card"
                width="600"
                cellpadding="0"
                cellspacing="0"
                border="0"
                style="width:100%;max-width:600px;background:#ffffff;border-radius:12px"
              >
                <tr>
                  <td
                    class="pad"
                    style="padding:28px 32px 8px;border-top:6px solid #0f766e;border-radius:12px 12px 0 0"
                  >
                    <p class="accent" style="margin:0 0 4px;color:#0f766e;font-size:14px;font-weight:600">
                      ${view.kicker}
                    </p>
                    <h1 dir="auto" style="margin:0 0 8px;font-size:24px;line-height:1.25;overflow-wrap:anywhere">
                      ${view.topic}
                    </h1>
                    ${
                      view.facts.length > 0 &&
                      html`<p class="quiet" style="margin:0;color:#52636a;font-size:14px">${joined(view.facts)}</p>`
                    }
                  </td>
                </tr>
                <tr>
                  <td class="pad" style="padding:8px 32px 28px">
                    ${view.notice !== undefined && html`<p style="margin:16px 0 0">${view.notice}</p>`}
                    ${
                      view.overview !== undefined &&
                      html`<h2 style="${h2}">Overview</h2>
                        <p dir="auto" ${spoken(view.language)} style="margin:0;overflow-wrap:anywhere">
                          ${view.overview}
                        </p>`
                    }
                    ${view.sections.map((one) => sectionRows(one, view.language))}
                    ${
                      view.open &&
                      html`<p style="margin:28px 0 0">
                        <a
                          href="${view.open.link}"
                          style="display:inline-block;padding:12px 20px;border-radius:8px;background:#0f766e;color:#ffffff;font-weight:600;text-decoration:none"
                          >${view.open.text}</a
                        >
                      </p>`
                    }
                    ${view.files && sectionRows(view.files)}
                    ${view.folder !== undefined && view.files && html`<p class="quiet" style="${small}">Folder in the archive: <span style="overflow-wrap:anywhere">${view.folder}</span></p>`}
                    ${view.missing && sectionRows(view.missing)}
                  </td>
                </tr>
                <tr>
                  <td
                    class="pad foot quiet"
                    style="padding:20px 32px 24px;border-top:1px solid #dde5e7;color:#52636a;font-size:14px"
                  >
                    ${view.label !== undefined && html`<p style="margin:0 0 12px">${view.label}</p>`}
                    <p style="margin:0">${view.why}</p>
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `.markup;

const h2 = 'margin:28px 0 6px;font-size:18px;line-height:1.3';
const small = 'margin:8px 0 0;color:#52636a;font-size:14px';

const style: Html = html`<style>
  :root {
    color-scheme: light dark;
  }
  @media (max-width: 480px) {
    .outer {
      padding: 0 !important;
    }
    .card,
    .card td {
      border-radius: 0 !important;
    }
    .pad {
      padding-left: 20px !important;
      padding-right: 20px !important;
    }
  }
  @media (prefers-color-scheme: dark) {
    .page {
      background: #10181b !important;
      color: #e6eef0 !important;
    }
    .card {
      background: #182327 !important;
    }
    .quiet {
      color: #a9bac0 !important;
    }
    .accent,
    .time a {
      color: #5cc7bc !important;
    }
    .row td,
    .foot {
      border-color: #2c3b40 !important;
    }
  }
</style>`;

const spoken = (language: string | undefined): Html | undefined => (language ? html`lang="${language}"` : undefined);

const joined = (parts: readonly string[]): Html[] =>
  parts.map((part, index) => html`${index > 0 && ' · '}<bdi>${part}</bdi>`);

const sectionRows = ({ heading, items, more }: Section, language?: string): Html =>
  html`<h2 style="${h2}">${heading}</h2>
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%">
      ${items.map((item) => row(item, language))}
    </table>
    ${more > 0 && html`<p class="quiet" style="${small}">and ${more} more</p>`}`;

const row = ({ text, details, time, link }: Item, language: string | undefined): Html =>
  html`<tr class="row">
    ${
      time !== undefined &&
      html`<td
        class="time"
        valign="top"
        width="64"
        style="padding:8px 0;border-top:1px solid #dde5e7;font-size:14px;line-height:24px"
      >
        ${
          link
            ? html`<a href="${link}" style="color:#0f766e" aria-label="Open the recording at ${time}">${time}</a>`
            : html`<span class="quiet" style="color:#52636a">${time}</span>`
        }
      </td>`
    }
    <td valign="top" style="padding:8px 0;border-top:1px solid #dde5e7;overflow-wrap:anywhere">
      <div dir="auto" ${spoken(language)}>${text}</div>
      ${
        details.length > 0 &&
        html`<div dir="auto" class="quiet" style="color:#52636a;font-size:14px">${joined(details)}</div>`
      }
    </td>
  </tr> `;
