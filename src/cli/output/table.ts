import { type Output, paint, type Style } from './output.ts';
import { cut, pad, widthOf } from './text-layout.ts';

const GAP = '  ';

/** Least columns of a column that takes what the others leave. */
const LEAST_REST = 8;

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Columns of the terminal. `rest`: what the others leave; one column of a table at most, its last but for narrow ones. */
  readonly width: number | 'rest';
  readonly align?: 'left' | 'right';
  /** Which part of a text that is too long is kept. Default `start`. */
  readonly keep?: 'start' | 'end';
  /** What to show. Must be printable. */
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
}

/** Writes the rows of one table, each as it comes: widths are known before the first. */
export interface Table<Row> {
  row(row: Row): Promise<void>;
}

/**
 * A table that fits the terminal's width. Elsewhere its rows are the same, with nothing cut: a text that is too long pushes the rest of its
 * row aside. The titles are written with the first row.
 */
export function openTable<Row>(output: Output, columns: readonly Column<Row>[]): Table<Row> {
  let hasTitles = false;
  const widths = () => columnWidths(columns, output.width);
  const titles = () => {
    const line = toLine(columns, widths(), output, (column) => column.title);
    return output.line(paint(line, 'dim', output.hasColour));
  };
  return {
    row: async (row) => {
      if (!hasTitles) await titles();
      hasTitles = true;
      const styled = (column: Column<Row>) => column.style?.(row);
      await output.line(toLine(columns, widths(), output, (column) => column.text(row), styled));
    },
  };
}

function columnWidths<Row>(columns: readonly Column<Row>[], available: number): number[] {
  const fixed = columns.map(({ width }) => (width === 'rest' ? 0 : width));
  const taken = fixed.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  const rest = Number.isFinite(available) ? Math.max(LEAST_REST, available - taken) : 0;
  return columns.map(({ width }) => (width === 'rest' ? rest : width));
}

function toLine<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  { isTerminal, hasColour, width: available }: Output,
  textOf: (column: Column<Row>) => string,
  styleOf: (column: Column<Row>) => Style | undefined = () => undefined,
): string {
  const cells = columns.map((column, index) => {
    const width = widths[index] ?? 0;
    const text = isTerminal ? cut(textOf(column), width, column.keep) : textOf(column);
    const isLast = index === columns.length - 1 && column.align !== 'right';
    return isLast ? text : pad(text, width, column.align);
  });
  while (cells.at(-1) === '') cells.pop();
  const plain = cells.join(GAP);
  // A terminal too narrow for the table gets its beginning: a line that wraps is no row any more.
  if (widthOf(plain) > available) return cut(plain, available);
  return columns
    .slice(0, cells.length)
    .map((column, index) => paint(cells[index] ?? '', styleOf(column), hasColour))
    .join(GAP);
}

/** Writes names and values, one pair a line, the values below each other. They must be printable. */
export async function writeDetails(
  output: Output,
  details: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const width = Math.max(0, ...details.map(([name]) => name.length));
  for (const [name, value] of details) {
    await output.line(`  ${paint(pad(name, width), 'dim', output.hasColour)}  ${value}`);
  }
}
