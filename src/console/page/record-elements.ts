import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { RecordView, SourceView } from '../api-types.ts';
import { element, tableHead } from './dom.ts';
import { clockElement, TIME_TITLE, timeElement } from './times.ts';

/** The size of an upload; a dash for everything else. */
export function sizeText({ status, filesize }: Pick<RecordView, 'status' | 'filesize'>): string {
  return status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : '-';
}

/** The category as a colour and a word: never as a colour alone. */
export function categoryElement(category: string): HTMLSpanElement {
  return element('span', { class: `category category-${category}` }, category);
}

/** Untrusted text of several lines: its own line breaks are kept, other control characters are escaped. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}

/**
 * A link to the object. The name stays readable in a narrow column while its folders are cut. Characters that would
 * hide something or turn the text around are escaped.
 */
export function keyLink({ s3_bucket, s3_key }: Pick<RecordView, 's3_bucket' | 's3_key'>): HTMLAnchorElement {
  const shown = visibleText(s3_key);
  const split = shown.lastIndexOf('/', shown.length - 2) + 1;
  const href = `/object?${new URLSearchParams({ bucket: s3_bucket, key: s3_key })}`;
  return element(
    'a.key',
    // Between the two parts, which are boxes beside each other, a screen reader would read a space.
    { href, title: shown, 'aria-label': shown },
    split > 0 && element('span.key-folder', shown.slice(0, split)),
    nameElement(shown.slice(split)),
  );
}

/**
 * What stays of a name when it is cut: its extension, and as much before it as has room for what numbers the file. Only
 * of letters without accents and scripts from right to left: those would be torn apart, and read in another order.
 */
const NAME_END = /(?<=.)(?:[ -~]{8}|\.[!-~]{1,7})$/;

function nameElement(name: string): HTMLSpanElement {
  const [end] = NAME_END.exec(name) ?? [];
  if (end === undefined) return element('span.key-name', name);
  const stem = name.slice(0, -end.length);
  return element('span.key-name', element('span.key-stem', stem), element('span.key-end', end));
}

/** The address of a search. */
export function searchHref(query: Readonly<Record<string, string>>): string {
  return `/search?${new URLSearchParams(query)}`;
}

/** A link to all records of one uploader; a dash when it is unknown. */
export function uploaderElement(uploader: string | undefined): HTMLAnchorElement | string {
  if (uploader === undefined) return '-';
  const shown = visibleText(uploader);
  return element('a.quiet', { href: searchHref({ uploader }), title: shown }, shown);
}

/** A table of records, and its body to put rows into. @param caption For those who do not see the page. */
export function recordsTable(caption: string) {
  const body = element('tbody');
  const table = element(
    'table.records',
    element('caption.unseen', caption),
    tableHead(
      [TIME_TITLE, 'time'],
      'Key',
      ['Bucket', 'bucket'],
      ['Size', 'size'],
      ['Status', 'status'],
      ['Category', 'kind'],
      ['Uploader', 'who'],
    ),
    body,
  );
  return { table, body };
}

/**
 * A row of {@link recordsTable}. The column with buckets is there only when a row is of another than the ledger's own.
 * Where there is no room for columns, the status takes the place of the size, and the bucket is below the key.
 *
 * @param withDate Whether the row shows the date as well.
 */
export function recordRow(
  record: RecordView,
  { bucketName }: Pick<SourceView, 'bucketName'>,
  withDate: boolean,
): HTMLTableRowElement {
  const { timestamp, status, uploader, category, s3_bucket } = record;
  const isElsewhere = s3_bucket !== bucketName;
  const bucket = visibleText(s3_bucket);
  return element(
    'tr',
    { class: isElsewhere ? `${status} elsewhere` : status },
    element('td.time', withDate ? timeElement(timestamp) : clockElement(timestamp)),
    element('td.file', keyLink(record), isElsewhere && element('span.narrow-bucket.note', bucket)),
    element('td.bucket', element('a.quiet', { href: searchHref({ bucket: s3_bucket }), title: bucket }, bucket)),
    element('td.size', sizeText(record), status !== 'uploaded' && element('span.narrow-status', status)),
    element('td.status', status),
    element('td.kind', element('a.quiet', { href: searchHref({ category }) }, categoryElement(category))),
    element('td.who', uploaderElement(uploader)),
  );
}
