import type { Bar, BarsSection, Fact, FactsSection, FileLine, FilesSection, Section } from './email-content.ts';
import { type Html, html } from './html.ts';
import { STYLE } from './html-style.ts';

/** One section of an email: its title and its tables. */
export function sectionHtml(section: Section): Html {
  return html`<h2 class="strong" style="${STYLE.title}">${section.title}</h2>
${sectionBody(section)}`;
}

function sectionBody(section: Section): Html {
  switch (section.kind) {
    case 'facts':
      return factsHtml(section);
    case 'bars':
      return barsHtml(section);
    case 'files':
      return filesHtml(section);
  }
}

function factsHtml({ facts }: FactsSection): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${facts.map(factHtml)}</table>
`;
}

function factHtml({ label, value }: Fact): Html {
  return html`<tr><td class="quiet" style="${STYLE.label}">${label}</td><td class="strong" style="${STYLE.value}" dir="auto">${value}</td></tr>
`;
}

function barsHtml({ bars, note }: BarsSection): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${bars.map(barHtml)}</table>
${noteHtml(note)}`;
}

/** The bar is two cells: mail programs leave out what a style draws by other means. */
function barHtml({ label, value, share }: Bar): Html {
  const percent = Math.max(1, Math.round(share * 100));
  const rest = html`<td style="${STYLE.barRest}">&nbsp;</td>`;
  return html`<tr><td class="strong" style="${STYLE.barLabel}" dir="auto">${label}</td><td class="quiet" style="${STYLE.barValue}">${value}</td></tr>
<tr><td colspan="2" style="padding:0 0 3px"><table role="presentation" aria-hidden="true" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="bar" width="${percent}%" style="${STYLE.bar}">&nbsp;</td>${percent < 100 ? [rest] : []}</tr></table></td></tr>
`;
}

function filesHtml({ files, note }: FilesSection): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed">
${files.map(fileHtml)}</table>
${noteHtml(note)}`;
}

function fileHtml({ key, details }: FileLine): Html {
  return html`<tr><td style="${STYLE.file}"><p class="strong" style="${STYLE.key}" dir="ltr">${key}</p>
<p class="quiet" style="${STYLE.details}">${details}</p></td></tr>
`;
}

function noteHtml(note: string | undefined): readonly Html[] {
  return note === undefined ? [] : [html`<p class="quiet" style="${STYLE.note}">${note}</p>\n`];
}
