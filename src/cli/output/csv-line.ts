import { visibleText } from '../../digest/visible-text.ts';

/**
 * What makes a spreadsheet take a cell for a formula. Source: OWASP, "CSV Injection". The full-width forms are those that spreadsheets fold
 * onto the plain ones. Tab and carriage return are on the list as well, and never come this far: they are no longer raw.
 */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/**
 * One line of CSV (RFC 4180, without the line's end), for people's spreadsheets. Control characters are written as escapes, and a text
 * that a spreadsheet would take for a formula gets an apostrophe in front. Programs read JSON, which is exact.
 */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = visibleText(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  // Where the comma is the decimal sign, spreadsheets split at semicolons: an unquoted one could begin a formula in a cell of its own.
  return /[",;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
