import { CATEGORIES, UPLOAD_STATUSES } from '../../../contract/uploads.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { formatCount } from '../../../shared/format.ts';
import type { ObjectView, SearchLine } from '../../api-types.ts';
import { getJson, isAbort, jsonLines } from '../api.ts';
import { button, element, fill, setText } from '../dom.ts';
import { keyLink, recordRow, recordsTable } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';

/** The form's fields, as they are in the address. Times are UTC, to the minute: `2026-11-22T10:15`. */
const FIELDS = ['prefix', 'uploader', 'category', 'status', 'since', 'until'] as const;

type Query = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Searches the ledger. The query is in the address, so that a search can be kept, or sent to somebody. */
export const searchView: View = (main, context) => {
  const query = readQuery(context.url.searchParams);
  const status = element('p.note', { role: 'status' });
  const exact = element('p.exact');
  const { table, body } = recordsTable('Records found, newest first');
  const more = button('More', () => void run(), { hidden: true });
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Search'),
    searchForm(query, context),
    element('section.card', element('div.card-head', element('h2', 'Records'), status), exact, table),
    more,
  );
  let next: string | undefined;
  let found = 0;
  const run = async () => {
    more.hidden = true;
    setText(status, 'Looking ...');
    try {
      for await (const line of jsonLines<SearchLine>(`/api/records?${toParameters(query, next)}`, {
        signal: context.signal,
      })) {
        if ('record' in line) {
          body.append(recordRow(line.record, true));
          found += 1;
        } else if ('day' in line) setText(status, `Looking at ${line.day} ...`);
        else next = line.next;
      }
      setText(status, resultText(found, next !== undefined, query));
      more.hidden = next === undefined;
    } catch (error) {
      if (!isAbort(error)) setText(status, errorMessage(error));
    }
  };
  void run();
  void showExact(exact, query, context);
};

function searchForm(query: Query, { go }: ViewContext): HTMLFormElement {
  const form = element(
    'form.card.search-form',
    { role: 'search' },
    field('Key begins with', element('input.long', { name: 'prefix', value: query.prefix })),
    field('Uploader', element('input', { name: 'uploader', value: query.uploader })),
    field('Category', choice('category', CATEGORIES, query.category)),
    field('Status', choice('status', UPLOAD_STATUSES, query.status)),
    field('From (UTC)', element('input', { name: 'since', type: 'datetime-local', value: query.since })),
    field('Until (UTC)', element('input', { name: 'until', type: 'datetime-local', value: query.until })),
    element('button.main', 'Search'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const filled = FIELDS.map((name) => [name, String(data.get(name) ?? '')]).filter(([, value]) => value !== '');
    go(`/search${filled.length === 0 ? '' : `?${new URLSearchParams(filled)}`}`);
  });
  return form;
}

function field(label: string, input: HTMLElement): HTMLLabelElement {
  return element('label', element('span', label), input);
}

function choice(name: string, values: readonly string[], chosen: string): HTMLSelectElement {
  return element(
    'select',
    { name },
    element('option', { value: '' }, 'any'),
    values.map((value) => element('option', { value, selected: value === chosen }, value)),
  );
}

/** Links to the object when the prefix is its whole key, however old it is. */
async function showExact(exact: HTMLElement, { prefix }: Query, { source, signal }: ViewContext): Promise<void> {
  if (prefix === '') return;
  const object = { bucket: source.bucketName, key: prefix };
  // Only a convenience: when this fails, the search itself says why.
  const view = await getJson<ObjectView>(`/api/object?${new URLSearchParams(object)}`, signal).catch(() => undefined);
  if (view === undefined || view.history.length === 0) return;
  fill(exact, 'This is the key of an object: ', keyLink({ s3_bucket: object.bucket, s3_key: object.key }));
}

function readQuery(parameters: URLSearchParams): Query {
  return Object.fromEntries(FIELDS.map((name) => [name, parameters.get(name) ?? ''])) as Query;
}

function toParameters({ since, until, ...query }: Query, from: string | undefined): URLSearchParams {
  const times = { since: since && `${since}Z`, until: until && `${until}Z` };
  const filled = Object.entries({ ...query, ...times, from: from ?? '' }).filter(([, value]) => value !== '');
  return new URLSearchParams(filled);
}

function resultText(found: number, hasMore: boolean, { since, uploader }: Query): string {
  const count = found === 1 ? '1 record' : `${formatCount(found)} records`;
  if (hasMore) return `The newest ${count}.`;
  if (since !== '' || uploader !== '') return found === 0 ? 'No record found.' : `${count}, all there are.`;
  return `${found === 0 ? 'No record' : count} in the last 30 days. Name a beginning to look further back.`;
}
