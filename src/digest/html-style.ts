import { type Html, html } from './html.ts';

const SANS = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';
/** Names without spaces must not widen a phone's page. Spaces at their ends and in a row stay as they are. */
const NAME = 'overflow-wrap:anywhere;word-wrap:break-word;word-break:break-word;white-space:pre-wrap';

/**
 * Inline styles of the light theme: many mail programs know no other. The two coloured fills have no text on them, and
 * stand out from white and from black alike, so that they survive a program that turns colours around by itself.
 */
export const STYLE = {
  page: `margin:0;padding:0;background-color:#f4f5f7;color:#1d2129;${SANS}`,
  card: 'background-color:#ffffff;border-radius:8px;padding:24px 20px;text-align:left',
  headline: `margin:0;font-size:24px;line-height:30px;font-weight:700;color:#1d2129;${SANS}`,
  introduction: `margin:4px 0 0;font-size:14px;line-height:20px;color:#5a6270;${SANS};${NAME}`,
  notice: `padding:10px 12px;font-size:14px;line-height:20px;background-color:#f4f5f7;color:#1d2129;${SANS}`,
  noticeEdge: 'width:4px;background-color:#d97706;font-size:0;line-height:0',
  command: `margin:4px 0 0;font-size:13px;line-height:20px;color:#1d2129;${MONO}`,
  title: `margin:28px 0 6px;font-size:15px;line-height:20px;font-weight:700;color:#1d2129;${SANS}`,
  label: `padding:3px 16px 3px 0;font-size:14px;line-height:20px;color:#5a6270;vertical-align:top;${SANS}`,
  value: `padding:3px 0;vertical-align:top;font-size:14px;line-height:20px;text-align:right;color:#1d2129;${SANS};${NAME}`,
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
 * The dark theme, for programs that ask for one. Classes, because inline styles know no media; `!important`, because
 * inline styles win otherwise. `color-scheme` keeps the others from turning colours that need no turning.
 */
export const DARK_THEME: Html = html`<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page,.notice{background-color:#15171b!important}
.card{background-color:#1f2228!important}
.strong{color:#e7e9ec!important}
.quiet{color:#a4abb6!important}
.bar{background-color:#5b9bd8!important}
}
</style>`;
