import { visibleText } from '../../shared/text.ts';

/**
 * Characters that JSON lets through raw and a terminal might obey or hide: controls beyond ASCII, formatting characters, line and
 * paragraph separators.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `value` as JSON on one line. Parses to exactly `value`; whatever could act on a terminal is written as an escape. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(INVISIBLE, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

/**
 * Where a spreadsheet may take text for a formula: at the beginning of a cell, and after a semicolon, which begins a new cell wherever the
 * comma is the decimal sign (quotes do not help there, because the cells around are split at other places).
 *
 * Source: OWASP, "CSV Injection". The full-width forms are those that spreadsheets fold onto the plain ones. Tab and carriage return are
 * on the list as well, and never come this far: they are no longer raw.
 */
const FORMULA = /(?:^|(?<=;))(?=["' ]*[=+\-@＝＋－＠])/g;

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
  const text = visibleText(value).replace(FORMULA, "'");
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
