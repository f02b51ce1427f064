import { formatCount } from '../../shared/format.ts';
import { type Output, paint, type Style } from './output.ts';
import { cut, pad, widthOf } from './text-layout.ts';

const GAP = '  ';

/** Columns that a `rest` column has at least. */
const MIN_REST_WIDTH = 8;

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Columns of the terminal. `rest`: what the others leave. At most one column of a table has it. */
  readonly width: number | 'rest';
  readonly align?: 'left' | 'right';
  /** Which part of a text that is too long is kept. Default `start`. */
  readonly keep?: 'start' | 'end';
  /** What to show. Must be printable. */
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
}

/**
 * Writes the rows of one table, each as it comes, in the width of the terminal. Without a terminal nothing is cut: a
 * text that is too long pushes the rest of its row aside. The titles are written with the first row.
 */
export function createTableWriter<Row>(output: Output, columns: readonly Column<Row>[]): (row: Row) => Promise<void> {
  let hasTitles = false;
  const widths = () => columnWidths(columns, output.width);
  const titles = () => {
    const line = toLine(columns, widths(), output, (column) => column.title);
    return output.line(paint(line, 'dim', output));
  };
  return async (row) => {
    if (!hasTitles) await titles();
    hasTitles = true;
    const styled = (column: Column<Row>) => column.style?.(row);
    await output.line(toLine(columns, widths(), output, (column) => column.text(row), styled));
  };
}

function columnWidths<Row>(columns: readonly Column<Row>[], available: number): number[] {
  const fixed = columns.map(({ width }) => (width === 'rest' ? 0 : width));
  const taken = fixed.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  const rest = Number.isFinite(available) ? Math.max(MIN_REST_WIDTH, available - taken) : 0;
  return columns.map(({ width }) => (width === 'rest' ? rest : width));
}

function toLine<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  output: Output,
  textOf: (column: Column<Row>) => string,
  styleOf: (column: Column<Row>) => Style | undefined = () => undefined,
): string {
  const { isTerminal, width: available } = output;
  const cells = columns.map((column, index) => {
    const width = widths[index] ?? 0;
    const text = isTerminal ? cut(textOf(column), width, column.keep) : textOf(column);
    const isLast = index === columns.length - 1 && column.align !== 'right';
    return isLast ? text : pad(text, width, column.align);
  });
  while (cells.at(-1) === '') cells.pop();
  const plain = cells.join(GAP);
  // In a terminal too narrow for the table, rows are cut: they would be unreadable if they wrapped.
  if (widthOf(plain) > available) return cut(plain, available);
  return columns
    .slice(0, cells.length)
    .map((column, index) => paint(cells[index] ?? '', styleOf(column), output))
    .join(GAP);
}

/** A printable name and value. */
export type Detail = readonly [name: string, value: string];

/** The count as a detail; nothing for 0. */
export function detailUnlessZero(name: string, count: number, note = ''): Detail[] {
  return count === 0 ? [] : [[name, `${formatCount(count)}${note}`]];
}

/** Writes one pair of name and value a line, the values aligned. */
export async function writeDetails(output: Output, details: readonly Detail[]): Promise<void> {
  const width = Math.max(0, ...details.map(([name]) => name.length));
  for (const [name, value] of details) {
    await output.line(`  ${paint(pad(name, width), 'dim', output)}  ${value}`);
  }
}
