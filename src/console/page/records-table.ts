import { visibleText } from '../../shared/text.ts';
import type { RecordView } from '../api-types.ts';
import { element } from './dom.ts';
import { categoryElement, clockElement, keyLink, sizeText, timeElement, uploaderAddress } from './shown.ts';

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
