import { displayName } from '../../digest/email/email-content.ts';
import { addCounts, type Group, type Grouping, noCounts } from '../../ledger/read/statistics.ts';
import { csvHeader, csvLine, jsonLine } from '../../shared/data-formats.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { FormatOptions } from './records.ts';
import { type Column, createTableWriter } from './table.ts';
import { bar, widthOf } from './text-layout.ts';

/** Columns of the longest bar where there is no terminal. */
const BAR_WIDTH = 20;

/** Columns of the names. Longer names are cut on a terminal. */
const NAME_WIDTH = { min: 8, max: 28 };

/** Columns of hours and days, which are written before the last of them is known. */
const TIME_WIDTHS: Partial<Record<Grouping, number>> = { hour: '2026-11-22 10:00'.length, day: '2026-11-22'.length };

/** Columns between two columns of a table. */
const GAP = 2;

/** After a bar that changes the scale: the bars above it are drawn to a smaller one. */
const RAISED = ' ▲';

const CSV_COLUMNS = ['group', 'uploads', 'bytes', 'deletes', 'versions_deleted', 'restores'];

/**
 * Writes groups, each as it comes. JSON has `"group": null` where the uploader is not known, and `"others": true` on
 * the line of all others. A table's bars are drawn to the scale of the longest: by name that is the first, by time the
 * longest so far.
 */
export async function writeGroups(
  output: Output,
  groups: AsyncIterable<Group>,
  by: Grouping,
  { json, csv }: FormatOptions,
  suspend: Progress['suspend'],
): Promise<void> {
  if (!json && !csv) return writeTable(output, groups, by, suspend);
  if (csv) await output.line(csvHeader(CSV_COLUMNS, output));
  for await (const { name, others, versionsDeleted, restores, ...counts } of groups) {
    const group = others ? '(all others)' : name;
    const { uploads, bytes, deletes } = counts;
    const line = json
      ? jsonLine({
          by,
          group: name ?? null,
          ...(others && { others }),
          ...counts,
          versions_deleted: versionsDeleted,
          restores,
        })
      : csvLine([group, uploads, bytes, deletes, versionsDeleted, restores]);
    await suspend(() => output.line(line));
  }
}

async function writeTable(
  output: Output,
  groups: AsyncIterable<Group>,
  by: Grouping,
  suspend: Progress['suspend'],
): Promise<void> {
  const timeWidth = TIME_WIDTHS[by];
  // Counts by name are final when the last record is counted.
  const rows = timeWidth === undefined ? await Array.fromAsync(groups) : groups;
  const scale = Array.isArray(rows) ? scaleOf(rows) : { max: 0, isRaised: false };
  const width = timeWidth ?? nameWidth((rows as readonly Group[]).map((group) => titleOf(group, by)));
  const writeRow = createTableWriter(output, columnsFor(output, by, width, scale));
  const total = noCounts();
  for await (const group of rows) {
    addCounts(total, group);
    raise(scale, group);
    await suspend(() => writeRow({ title: titleOf(group, by), ...group }));
  }
  await suspend(() => writeRow({ title: 'TOTAL', isTotal: true, ...total }));
}

/** The scale of the bars. */
interface Scale {
  /** Uploads of the longest bar so far. */
  max: number;
  /** Whether this row has changed the scale. */
  isRaised: boolean;
}

function scaleOf(groups: readonly Group[]): Scale {
  return { max: Math.max(0, ...groups.map(({ uploads }) => uploads)), isRaised: false };
}

function raise(scale: Scale, { uploads }: Group): void {
  scale.isRaised = scale.max > 0 && uploads > scale.max;
  scale.max = Math.max(scale.max, uploads);
}

function nameWidth(titles: readonly string[]): number {
  return Math.min(NAME_WIDTH.max, Math.max(NAME_WIDTH.min, ...titles.map(widthOf)));
}

interface TableRow extends Group {
  readonly title: string;
  readonly isTotal?: true;
}

function columnsFor(output: Output, by: Grouping, width: number, scale: Scale): Column<TableRow>[] {
  const numbers: Column<TableRow>[] = [
    { title: 'UPLOADS', width: 9, align: 'right', text: ({ uploads }) => formatCount(uploads) },
    { title: 'SIZE', width: 9, align: 'right', text: ({ bytes }) => formatBytes(bytes) },
    { title: 'DELETES', width: 7, align: 'right', text: ({ deletes }) => formatCount(deletes) },
    { title: 'VERSIONS', width: 8, align: 'right', text: ({ versionsDeleted }) => formatCount(versionsDeleted) },
  ];
  const mark = by in TIME_WIDTHS ? RAISED.length : 0;
  const taken = numbers.reduce((sum, column) => sum + Number(column.width) + GAP, width + GAP + mark);
  const barWidth = Number.isFinite(output.width) ? Math.max(0, output.width - taken) : BAR_WIDTH;
  return [
    { title: by.toUpperCase(), width, text: ({ title }) => title },
    ...numbers,
    {
      title: '',
      width: 'rest',
      text: ({ uploads, isTotal }) =>
        isTotal ? '' : bar(uploads, scale.max, barWidth) + (scale.isRaised ? RAISED : ''),
      style: () => 'green',
    },
  ];
}

/** `shownName` quotes a name that looks like one of those in parentheses. */
function titleOf({ name, others }: Group, by: Grouping): string {
  if (others) return '(all others)';
  if (name === undefined) return '(unknown)';
  return by === 'hour' ? `${name.replace('T', ' ')}:00` : displayName(name);
}
