import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { RecordView } from '../api-types.ts';
import { element } from './dom.ts';

/** Where an object's page is. */
export function objectAddress(bucket: string, key: string): string {
  return `/object?${new URLSearchParams({ bucket, key })}`;
}

/** Where the uploads of one uploader are. */
export function uploaderAddress(uploader: string): string {
  return `/search?${new URLSearchParams({ uploader })}`;
}

/** `2026-11-22 10:15:30`, in UTC, as all times of the ledger. */
export function dateTimeText(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** A time with its date; where there is no room, it breaks between the two. */
export function timeElement(time: string): HTMLTimeElement {
  const [date = '', clock = ''] = dateTimeText(time).split(' ');
  return element('time', { datetime: time }, element('span', {}, date), ' ', element('span', {}, clock));
}

/** The time of the clock alone: `10:15:30`. */
export function clockElement(time: string): HTMLTimeElement {
  return element('time', { datetime: time, title: `${dateTimeText(time)} UTC` }, time.slice(11, 19));
}

/** What happened: the size of an upload, the status of everything else. */
export function sizeText({ status, filesize }: Pick<RecordView, 'status' | 'filesize'>): string {
  return status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : status;
}

/** The category as a colour and a word: never as a colour alone. */
export function categoryElement(category: string): HTMLSpanElement {
  return element('span', { class: `category category-${category}` }, category);
}

/**
 * A link to the object. The name stays readable in a narrow column while its folders are cut. Characters that would hide something or
 * turn the text around are written as escapes.
 */
export function keyLink({ s3_bucket, s3_key }: Pick<RecordView, 's3_bucket' | 's3_key'>): HTMLAnchorElement {
  const shown = visibleText(s3_key);
  const split = shown.lastIndexOf('/', shown.length - 2) + 1;
  return element(
    'a',
    // The two parts are boxes beside each other, between which a reader of the screen would put a space.
    { class: 'key', href: objectAddress(s3_bucket, s3_key), title: shown, 'aria-label': shown },
    split > 0 && element('span', { class: 'key-folder' }, shown.slice(0, split)),
    element('span', { class: 'key-name' }, shown.slice(split)),
  );
}

/** Counts for a busy heading: `1,200`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** A table of records, and the way to put rows into it. */
export interface RecordsTable {
  readonly table: HTMLTableElement;
  readonly body: HTMLTableSectionElement;
}

/** @param caption What the table holds, for those who do not see the page. */
export function recordsTable(caption: string): RecordsTable {
  const body = element('tbody');
  const table = element(
    'table',
    { class: 'records' },
    element('caption', { class: 'unseen' }, caption),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col', class: 'time' }, 'Time (UTC)'),
        element('th', { scope: 'col' }, 'Key'),
        element('th', { scope: 'col', class: 'size' }, 'Size'),
        element('th', { scope: 'col', class: 'kind' }, 'Category'),
        element('th', { scope: 'col', class: 'who' }, 'Uploader'),
      ),
    ),
    body,
  );
  return { table, body };
}

/** @param withDate Whether the row tells the day as well. */
export function recordRow(record: RecordView, withDate: boolean): HTMLTableRowElement {
  const { timestamp, status, uploader, category } = record;
  const time = withDate ? timeElement(timestamp) : clockElement(timestamp);
  return element(
    'tr',
    { class: status },
    element('td', { class: 'time' }, time),
    element('td', {}, keyLink(record)),
    element('td', { class: 'size' }, sizeText(record)),
    element('td', { class: 'kind' }, categoryElement(category)),
    element('td', { class: 'who' }, uploader === undefined ? '-' : uploaderLink(uploader)),
  );
}

/** A link to everything of one uploader. */
export function uploaderLink(uploader: string): HTMLAnchorElement {
  const shown = visibleText(uploader);
  return element('a', { class: 'quiet', href: uploaderAddress(uploader), title: shown }, shown);
}
