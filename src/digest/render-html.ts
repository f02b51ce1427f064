import type { EmailContent, Notice } from './email-content.ts';
import { type Html, html } from './html.ts';
import { DARK_THEME, STYLE } from './html-style.ts';
import { sectionHtml } from './render-html-sections.ts';

/**
 * The HTML part: one column that a phone shows without zooming, tables where mail programs know nothing else, styles
 * inline, no images.
 *
 * Written by hand. A library (MJML, React Email) would bring hundreds of kilobytes, its own compiler or a
 * user-interface runtime to the bundle, for a page that is one list of tables; and its escaping would have to be
 * proven all the same.
 */
export function renderHtml(content: EmailContent): string {
  const { subject, headline, introduction, notices, sections, closing } = content;
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
${introduction.map((line) => html`<p class="quiet" style="${STYLE.introduction}">${line}</p>\n`)}${notices.map(noticeHtml)}${sections.map(sectionHtml)}</td></tr>
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

/** Outlook on Windows lays out with Word, which knows no greatest width: it gets a table of that width. */
const WORD_WIDTH_START = html`<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`;
const WORD_WIDTH_END = html`<!--[if mso]></td></tr></table><![endif]-->`;

function noticeHtml({ title, advice, command }: Notice): Html {
  const commandLine = command === undefined ? [] : [html`<p class="strong" style="${STYLE.command}">${command}</p>`];
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:16px 0 0">
<tr><td width="4" style="${STYLE.noticeEdge}">&nbsp;</td>
<td class="notice strong" style="${STYLE.notice}"><strong>${title}</strong><br>
${advice}${commandLine}</td></tr>
</table>
`;
}
