import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { RecordView } from '../api-types.ts';
import { element, tableHead } from './dom.ts';

/** `2026-11-22 10:15:30`, in UTC, as all times of the ledger. */
export function dateTimeText(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** A time with its date; where there is no room, it breaks between the two. */
export function timeElement(time: string): HTMLTimeElement {
  const [date = '', clock = ''] = dateTimeText(time).split(' ');
  return element('time', { datetime: time }, element('span', date), ' ', element('span', clock));
}

/** The time of day alone: `10:15:30`. */
function clockElement(time: string): HTMLTimeElement {
  return element('time', { datetime: time, title: `${dateTimeText(time)} UTC` }, time.slice(11, 19));
}

/** The size of an upload, the status of everything else. */
export function sizeText({ status, filesize }: Pick<RecordView, 'status' | 'filesize'>): string {
  return status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : status;
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
    element('span.key-name', shown.slice(split)),
  );
}

/** A link to all records of one uploader; a dash when it is unknown. */
export function uploaderElement(uploader: string | undefined): HTMLAnchorElement | string {
  if (uploader === undefined) return '-';
  const shown = visibleText(uploader);
  return element('a.quiet', { href: `/search?${new URLSearchParams({ uploader })}`, title: shown }, shown);
}

/** A table of records, and its body to put rows into. @param caption For those who do not see the page. */
export function recordsTable(caption: string) {
  const body = element('tbody');
  const table = element(
    'table.records',
    element('caption.unseen', caption),
    tableHead(['Time (UTC)', 'time'], 'Key', ['Size', 'size'], ['Category', 'kind'], ['Uploader', 'who']),
    body,
  );
  return { table, body };
}

/** @param withDate Whether the row shows the date as well. */
export function recordRow(record: RecordView, withDate: boolean): HTMLTableRowElement {
  const { timestamp, status, uploader, category } = record;
  return element(
    'tr',
    { class: status },
    element('td.time', withDate ? timeElement(timestamp) : clockElement(timestamp)),
    element('td', keyLink(record)),
    element('td.size', sizeText(record)),
    element('td.kind', categoryElement(category)),
    element('td.who', uploaderElement(uploader)),
  );
}
