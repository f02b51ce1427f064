/** A table as text, the first column to the left, all others to the right. */
export function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map(
    (title, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)) + (title ? 0 : 0),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
    .map((text) => `${text.trimEnd()}\n`)
    .join('');
}

/** Three digits that count, and thousands apart. */
export function toNumber(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : magnitude >= 0.1 ? 3 : 4;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
