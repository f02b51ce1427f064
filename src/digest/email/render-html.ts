import {
  type Bar,
  type BarsSection,
  type Email,
  type EmailContent,
  type Fact,
  type FactsSection,
  type FileLine,
  type FilesSection,
  type Link,
  type Notice,
  renderText,
  type Section,
} from './email-content.ts';

/** HTML that is safe to send: made by {@link html} alone. */
class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | Html | readonly Html[];

/**
 * HTML from a template that escapes its values: only what this function has made is inserted as it is, and no string
 * can be marked as safe. Values are in text or in attributes in double quotes, nowhere else.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(template.reduce((source, piece, at) => `${source}${toSource(parts[at - 1] as Part)}${piece}`));
}

function toSource(part: Part): string {
  if (part instanceof Html) return part.source;
  if (typeof part === 'object') return part.map(toSource).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The email with both its parts, made from the same content. */
export function renderEmail(content: EmailContent): Email {
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}

/**
 * The HTML part: one column that a phone shows without zooming, tables because mail programs know nothing else, styles
 * inline, no images.
 *
 * Written by hand: a library (MJML, React Email) would add hundreds of kilobytes to the bundle for one list of tables,
 * and its escaping would have to be tested all the same.
 */
function renderHtml(content: EmailContent): string {
  const { subject, headline, introduction, link, notices, sections, closing } = content;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${subject}</title>
${DARK_THEME}
</head>
<body class="page strong" style="${STYLE.page}">
<table role="presentation" class="page strong" width="100%" cellpadding="0" cellspacing="0" border="0" style="${STYLE.page}">
<tr><td align="center" style="padding:16px 8px">
${WORD_WIDTH_START}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;margin:0 auto;table-layout:fixed">
<tr><td class="card" style="${STYLE.card}">
<h1 class="strong" style="${STYLE.headline}">${headline}</h1>
${introduction.map((line) => html`<p class="quiet" style="${STYLE.introduction}">${line}</p>\n`)}${linkHtml(link)}${notices.map(noticeHtml)}${sections.map(sectionHtml)}</td></tr>
<tr><td style="padding:12px 0 0">
${closing.map((line) => html`<p class="quiet" style="${STYLE.closing}">${line}</p>\n`)}</td></tr>
</table>
${WORD_WIDTH_END}
</td></tr>
</table>
</body>
</html>
`.source;
}

/** Outlook on Windows lays out with Word, which has no maximum width: it gets a table of that width. */
const WORD_WIDTH_START = html`<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`;
const WORD_WIDTH_END = html`<!--[if mso]></td></tr></table><![endif]-->`;

function linkHtml(link: Link | undefined): readonly Html[] {
  if (link === undefined) return [];
  const { label, url } = link;
  return [
    html`<p class="quiet" style="${STYLE.introduction}">${label}: <a class="link" href="${url}" style="${STYLE.link}">${url}</a></p>\n`,
  ];
}

function noticeHtml({ title, advice, command }: Notice): Html {
  const commandLine = command === undefined ? [] : [html`<p class="strong" style="${STYLE.command}">${command}</p>`];
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:16px 0 0">
<tr><td width="4" style="${STYLE.noticeEdge}">&nbsp;</td>
<td class="notice strong" style="${STYLE.notice}"><strong>${title}</strong><br>
${advice}${commandLine}</td></tr>
</table>
`;
}

/** One section of an email: its title and its tables. */
function sectionHtml(section: Section): Html {
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
  return html`<tr><td class="quiet" width="150" style="${STYLE.label}">${label}</td><td class="strong" style="${STYLE.value}" dir="auto">${value}</td></tr>
`;
}

function barsHtml({ bars, note }: BarsSection): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${bars.map(barHtml)}</table>
${noteHtml(note)}`;
}

/** The bar is two cells: mail programs drop what other styles would draw. */
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

const SANS = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';
/** Names without spaces must not widen a phone's page. All their spaces are kept. */
const NAME = 'overflow-wrap:anywhere;word-wrap:break-word;word-break:break-word;white-space:pre-wrap';

/**
 * Inline styles of the light theme: many mail programs know no other. The two coloured fills have no text on them and
 * can be seen on white and on black, so they survive a program that inverts colours by itself.
 */
const STYLE = {
  page: `margin:0;padding:0;background-color:#f4f5f7;color:#1d2129;${SANS}`,
  card: 'background-color:#ffffff;border-radius:8px;padding:24px 20px;text-align:left',
  headline: `margin:0;font-size:24px;line-height:30px;font-weight:700;color:#1d2129;${SANS}`,
  introduction: `margin:4px 0 0;font-size:14px;line-height:20px;color:#5a6270;${SANS};${NAME}`,
  link: `color:#1a5fb4;${NAME}`,
  notice: `padding:10px 12px;font-size:14px;line-height:20px;background-color:#f4f5f7;color:#1d2129;${SANS}`,
  noticeEdge: 'width:4px;background-color:#d97706;font-size:0;line-height:0',
  command: `margin:4px 0 0;font-size:13px;line-height:20px;color:#1d2129;${MONO}`,
  title: `margin:28px 0 6px;font-size:15px;line-height:20px;font-weight:700;color:#1d2129;${SANS}`,
  label: `width:150px;padding:3px 16px 3px 0;font-size:14px;line-height:20px;color:#5a6270;vertical-align:top;${SANS}`,
  value: `padding:3px 0;vertical-align:top;font-size:14px;line-height:20px;color:#1d2129;${SANS};${NAME}`,
  barLabel: `padding:5px 12px 2px 0;font-size:14px;line-height:20px;color:#1d2129;${SANS};${NAME}`,
  barValue: `padding:5px 0 2px;font-size:14px;line-height:20px;text-align:right;white-space:nowrap;vertical-align:top;color:#5a6270;${SANS}`,
  bar: 'height:6px;background-color:#3b82c4;border-radius:3px;font-size:0;line-height:6px',
  barRest: 'height:6px;font-size:0;line-height:6px',
  key: `margin:0;font-size:13px;line-height:19px;color:#1d2129;${MONO};${NAME}`,
  details: `margin:0;font-size:13px;line-height:19px;color:#5a6270;${SANS};${NAME}`,
  file: 'padding:6px 0',
  note: `margin:6px 0 0;font-size:12px;line-height:18px;color:#5a6270;${SANS}`,
  closing: `margin:0;padding:2px 20px 0;font-size:12px;line-height:18px;color:#5a6270;text-align:left;${SANS}`,
} as const;

/**
 * The dark theme, for programs that ask for one. Classes, because inline styles have no media queries; `!important`,
 * because inline styles win otherwise. `color-scheme` keeps other programs from inverting colours.
 */
const DARK_THEME = html`<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page,.notice{background-color:#15171b!important}
.card{background-color:#1f2228!important}
.strong{color:#e7e9ec!important}
.quiet{color:#a4abb6!important}
.link{color:#8ab8ec!important}
.bar{background-color:#5b9bd8!important}
}
</style>`;
