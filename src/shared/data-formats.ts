import { visibleText } from './text.ts';

/** Characters that `JSON.stringify` does not escape, and that a terminal might obey or hide. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `value` as JSON on one line. It parses to exactly `value`; what could act on a terminal is escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(INVISIBLE, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

/**
 * Where a spreadsheet may read text as a formula: at the start of a cell, and after a semicolon, which separates cells
 * where the comma is the decimal sign (quotes do not help there).
 *
 * Source: OWASP, "CSV Injection". Spreadsheets read the full-width signs as the plain ones. OWASP also names tab and
 * carriage return; `visibleText` has escaped them before.
 */
const FORMULA = /(?:^|(?<=;))(?=["' ]*[=+\-@＝＋－＠])/g;

/** Excel takes a file for UTF-8 only when it begins so. */
const BYTE_ORDER_MARK = '\ufeff';

/** The first line of CSV. In a new file it begins with a byte order mark; a pipe gets none, which programs would read. */
export function csvHeader(columns: readonly string[], { isNewFile }: { readonly isNewFile: boolean }): string {
  return `${isNewFile ? BYTE_ORDER_MARK : ''}${csvLine(columns)}`;
}

/**
 * One line of CSV (RFC 4180, without the line's end), for spreadsheets. Control characters are escaped, and a text that
 * a spreadsheet would read as a formula gets an apostrophe in front; different texts give different cells. For programs
 * there is JSON, which is exact.
 */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = visibleText(value).replace(FORMULA, "'");
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
