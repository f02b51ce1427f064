import { formatBytes, formatCount } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import { UPLOADER_SOURCE_LABELS } from '../../../upload/upload.ts';
import type { ObjectView, RecordView } from '../../api-types.ts';
import { getJson, isAbort, messageOf } from '../api.ts';
import { type Child, element, fill } from '../dom.ts';
import { categoryElement, dateTimeText, sizeText, timeElement, uploaderLink } from '../record-elements.ts';
import type { View } from '../router.ts';

/** One object: its state now, and all that happened to it. */
export const objectView: View = (main, { url, signal }) => {
  const [bucket, key] = [url.searchParams.get('bucket') ?? '', url.searchParams.get('key') ?? ''];
  if (bucket === '' || key === '') {
    fill(
      main,
      element('h1', { tabindex: -1 }, 'Which object?'),
      element('p', {}, 'The address names no object: follow a link to one, or ', searchLink(), '.'),
    );
    return;
  }
  const content = element('div', {}, element('p', { class: 'note', role: 'status' }, 'Looking ...'));
  fill(
    main,
    element('p', { class: 'note' }, 'Object in ', element('span', { class: 'mono' }, visibleText(bucket))),
    element('h1', { tabindex: -1, class: 'object-key' }, visibleText(key)),
    content,
  );
  getJson<ObjectView>(`/api/object?${new URLSearchParams({ bucket, key })}`, signal)
    .then((view) => fill(content, ...contentOf(view)))
    .catch((error: unknown) => {
      if (!isAbort(error)) fill(content, element('p', { class: 'notice', role: 'alert' }, messageOf(error)));
    });
};

function searchLink(): HTMLElement {
  return element('a', { href: '/search' }, 'search for it');
}

function contentOf({ history, isCut }: ObjectView): Child[] {
  const [current] = history;
  if (current === undefined) {
    return [element('p', {}, 'There is no record of it. Keys are exact, upper and lower case included.')];
  }
  const note = isCut ? `The newest ${history.length}; "upload-ledger show" has all of them.` : 'Newest first.';
  return [
    element('section', { class: 'card' }, element('h2', {}, 'Now'), facts(current)),
    element(
      'section',
      { class: 'card' },
      element('div', { class: 'card-head' }, element('h2', {}, 'History'), element('p', { class: 'note' }, note)),
      historyTable(history),
    ),
  ];
}

function facts(record: RecordView): HTMLElement {
  const { filesize, content_type, uploader, expires_at } = record;
  const rows: readonly (readonly [string, Child])[] = [
    ['Status', record.status],
    ['When', [timeElement(record.timestamp), ' UTC']],
    ['Size', filesize === undefined ? undefined : exactSize(filesize)],
    ['Uploader', uploader === undefined ? 'not known' : [uploaderLink(uploader), ` ${foundText(record)}`]],
    ['From', record.source_ip],
    ['Type', [categoryElement(record.category), content_type === undefined ? '' : ` ${visibleText(content_type)}`]],
    ['Event', record.event_name],
    ['ETag', record.etag],
    ['Version', record.version_id],
    ['Request', record.request_id],
    ['Region', record.region],
    ['Recorded by', record.source],
    [
      'Expires',
      expires_at === undefined ? undefined : `${dateTimeText(new Date(expires_at * 1000).toISOString())} UTC`,
    ],
  ];
  const told = rows.filter(([, value]) => value !== undefined);
  return element(
    'dl',
    { class: 'facts' },
    told.map(([name, value]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, typeof value === 'string' ? visibleText(value) : value),
      ),
    ),
  );
}

function exactSize(bytes: number): string {
  return bytes < 1000 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;
}

function foundText({ uploader_source }: RecordView): string {
  return uploader_source === undefined ? '' : `(${UPLOADER_SOURCE_LABELS[uploader_source]})`;
}

function historyTable(history: readonly RecordView[]): HTMLTableElement {
  const heads = ['Time (UTC)', 'What', 'Size', 'Uploader', 'From'].map((head) => element('th', { scope: 'col' }, head));
  const rows = history.map((record) =>
    element(
      'tr',
      { class: record.status },
      element('td', { class: 'time' }, timeElement(record.timestamp)),
      element('td', {}, visibleText(record.event_name)),
      element('td', {}, sizeText(record)),
      element('td', {}, record.uploader === undefined ? '-' : uploaderLink(record.uploader)),
      element('td', {}, visibleText(record.source_ip ?? '-')),
    ),
  );
  return element(
    'table',
    { class: 'history' },
    element('thead', {}, element('tr', {}, heads)),
    element('tbody', {}, rows),
  );
}
