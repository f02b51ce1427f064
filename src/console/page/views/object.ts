import { otherBucketHint } from '../../../contract/outputs.ts';
import { UPLOADER_SOURCE_LABELS } from '../../../contract/uploads.ts';
import { type OtherSpelling, UNICODE_FORM_LABELS } from '../../../ledger/read/other-spelling.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { formatExactBytes } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import type { ObjectView, RecordView } from '../../api-types.ts';
import { getJson, isAbort } from '../api.ts';
import { type Child, copyButton, element, fill, tableHead } from '../dom.ts';
import { categoryElement, sizeText, uploaderElement } from '../record-elements.ts';
import type { View } from '../router.ts';
import { dateTimeText, localTimeText, TIME_TITLE, timeElement } from '../times.ts';

/** One object: its state now, and its history. */
export const objectView: View = (main, { source, url, signal }) => {
  const [bucket, key] = [url.searchParams.get('bucket') ?? '', url.searchParams.get('key') ?? ''];
  if (bucket === '' || key === '') {
    fill(
      main,
      element('h1', { tabindex: -1 }, 'Which object?'),
      element(
        'p',
        'This address has no object: follow a link to an object, or ',
        element('a', { href: '/search' }, 'search for it'),
        '.',
      ),
    );
    return;
  }
  const content = element('div', element('p.note', { role: 'status' }, 'Looking ...'));
  fill(
    main,
    element('p.note', 'Object in ', element('span.mono', visibleText(bucket))),
    element('h1.object-key', { tabindex: -1 }, visibleText(key)),
    element('div.actions', [
      copyButton('Copy key', key),
      copyButton('Copy URI', `s3://${bucket}/${key}`),
      element(
        'a',
        { href: `/search?${new URLSearchParams({ prefix: key.slice(0, key.lastIndexOf('/') + 1), bucket })}` },
        'Search its folder',
      ),
    ]),
    content,
  );
  getJson<ObjectView>(`/api/object?${new URLSearchParams({ bucket, key })}`, signal)
    .then((view) => fill(content, ...contentOf(view, bucket, source.bucketName)))
    .catch((error: unknown) => {
      if (!isAbort(error)) fill(content, element('p.notice', { role: 'alert' }, errorMessage(error)));
    });
};

function contentOf({ current, history, isCut, other }: ObjectView, bucket: string, stackBucket: string): Child[] {
  if (current === undefined) {
    const elsewhere = otherBucketHint(bucket, stackBucket);
    return [
      element('p', 'There is no record of it. Keys are exact, upper and lower case included.'),
      elsewhere !== undefined && element('p', visibleText(elsewhere)),
      other !== undefined && otherSpelling(bucket, other),
    ];
  }
  const note = isCut ? `The newest ${history.length}; "upload-ledger show" has all of them.` : 'Newest first.';
  return [
    element('section.card', element('h2', 'Now'), facts(current)),
    element(
      'section.card',
      element('div.card-head', element('h2', 'History'), element('p.note', note)),
      historyTable(history),
    ),
  ];
}

function otherSpelling(bucket: string, { form, text }: OtherSpelling): HTMLElement {
  const href = `/object?${new URLSearchParams({ bucket, key: text })}`;
  const link = element('a.mono', { href }, visibleText(text));
  return element('p', `There is one of a key that looks the same, in ${UNICODE_FORM_LABELS[form]}: `, link);
}

function facts(record: RecordView): HTMLElement {
  const { timestamp, filesize, content_type, uploader, expires_at } = record;
  const local = localTimeText(timestamp);
  const rows: readonly (readonly [string, Child])[] = [
    ['Status', record.status],
    ['When', `${dateTimeText(timestamp)} UTC${local.endsWith(' UTC') ? '' : `, ${local}`}`],
    ['Size', filesize === undefined ? undefined : formatExactBytes(filesize)],
    ['Uploader', uploader === undefined ? 'not known' : [uploaderElement(uploader), ` ${sourceText(record)}`]],
    ['From', record.source_ip],
    [
      'Type',
      [
        categoryElement(record.category),
        content_type === undefined ? '' : `, ${visibleText(content_type)} by its extension`,
      ],
    ],
    ['Event', record.event_name],
    ['ETag', record.etag && [visibleText(record.etag), ' ', copyButton('Copy ETag', record.etag)]],
    ['Version', record.version_id],
    ['Request', record.request_id],
    ['Region', record.region],
    ['Recorded by', record.source],
    ['Expires', expires_at && `${dateTimeText(new Date(expires_at * 1000).toISOString())} UTC`],
  ];
  const known = rows.filter(([, value]) => value !== undefined);
  return element(
    'dl.facts',
    known.map(([name, value]) =>
      element('div', element('dt', name), element('dd', typeof value === 'string' ? visibleText(value) : value)),
    ),
  );
}

function sourceText({ uploader_source }: RecordView): string {
  return uploader_source === undefined ? '' : `(${UPLOADER_SOURCE_LABELS[uploader_source]})`;
}

/** Of an object with versions, also which version each event is about. */
function historyTable(history: readonly RecordView[]): HTMLTableElement {
  const hasVersions = history.some(({ version_id }) => version_id !== undefined);
  const rows = history.map((record) =>
    element(
      'tr',
      { class: record.status },
      element('td.time', timeElement(record.timestamp)),
      element('td', visibleText(record.event_name)),
      ...(hasVersions ? [element('td.version.mono', visibleText(record.version_id ?? '-'))] : []),
      element('td', record.status),
      element('td.size', sizeText(record)),
      element('td.who', uploaderElement(record.uploader)),
      element('td.from', visibleText(record.source_ip ?? '-')),
    ),
  );
  const version = hasVersions ? ['Version'] : [];
  const head = tableHead(TIME_TITLE, 'What', ...version, 'Status', ['Size', 'size'], 'Uploader', 'From');
  return element('table.history', head, element('tbody', rows));
}
