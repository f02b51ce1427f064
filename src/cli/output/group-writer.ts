import { formatBytes, formatCount } from '../../digest/format.ts';
import { shownName } from '../../digest/shown.ts';
import { add, type Group, type Grouping, noCounts } from '../stats-groups.ts';
import { bar } from './bar.ts';
import { csvLine } from './csv-line.ts';
import { widthOf } from './fit.ts';
import { jsonLine } from './json-line.ts';
import type { Output } from './output.ts';
import type { FormatOptions } from './record-writer.ts';
import { type Column, openTable } from './table.ts';

/** Columns of the longest bar where there is no terminal. */
const BAR_WIDTH = 20;

const NAME_WIDTH = { least: 8, most: 28 };

const CSV_COLUMNS = ['group', 'uploads', 'bytes', 'deletes', 'restores'];

/**
 * Writes groups: as JSON or CSV each as it comes, as a table when all are there, because its bars are measured against the longest.
 *
 * JSON says `"group": null` where the uploader is not known, and has `"others": true` on the line of all others.
 */
export async function writeGroups(
  output: Output,
  groups: AsyncIterable<Group>,
  by: Grouping,
  { json, csv }: FormatOptions,
): Promise<void> {
  if (!json && !csv) return writeTable(output, await Array.fromAsync(groups), by);
  if (csv) await output.line(csvLine(CSV_COLUMNS));
  for await (const { name, others, ...counts } of groups) {
    const group = others ? '(all others)' : name;
    const { uploads, bytes, deletes, restores } = counts;
    const line = json
      ? jsonLine({ by, group: name ?? null, ...(others && { others }), ...counts })
      : csvLine([group, uploads, bytes, deletes, restores]);
    await output.line(line);
  }
}

async function writeTable(output: Output, groups: readonly Group[], by: Grouping): Promise<void> {
  const table = openTable(output, columnsFor(output, groups, by));
  for (const group of groups) await table.row({ title: titleOf(group, by), ...group });
  const total = noCounts();
  for (const group of groups) add(total, group);
  await table.row({ title: 'TOTAL', isTotal: true, ...total });
}

interface TableRow extends Group {
  readonly title: string;
  readonly isTotal?: true;
}

function columnsFor(output: Output, groups: readonly Group[], by: Grouping): Column<TableRow>[] {
  const titles = groups.map((group) => widthOf(titleOf(group, by)));
  const width = Math.min(NAME_WIDTH.most, Math.max(NAME_WIDTH.least, ...titles));
  const numbers: Column<TableRow>[] = [
    { title: 'UPLOADS', width: 9, align: 'right', text: ({ uploads }) => formatCount(uploads) },
    { title: 'SIZE', width: 9, align: 'right', text: ({ bytes }) => formatBytes(bytes) },
    { title: 'DELETES', width: 7, align: 'right', text: ({ deletes }) => formatCount(deletes) },
  ];
  const taken = width + numbers.reduce((sum, column) => sum + Number(column.width) + 2, 2);
  const barWidth = Number.isFinite(output.width) ? Math.max(0, output.width - taken) : BAR_WIDTH;
  const greatest = Math.max(...groups.map(({ uploads }) => uploads), 0);
  return [
    { title: by.toUpperCase(), width, text: ({ title }) => title },
    ...numbers,
    {
      title: '',
      width: 'rest',
      text: ({ uploads, isTotal }) => (isTotal ? '' : bar(uploads, greatest, barWidth)),
      style: () => 'green',
    },
  ];
}

/** Names that would pass for the two in parentheses stand in quotes. */
function titleOf({ name, others }: Group, by: Grouping): string {
  if (others) return '(all others)';
  if (name === undefined) return '(unknown)';
  return by === 'hour' ? `${name.replace('T', ' ')}:00` : shownName(name);
}
