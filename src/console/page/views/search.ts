import { errorMessage } from '../../../shared/errors.ts';
import { formatCount, formatNumberOf } from '../../../shared/format.ts';
import type { ObjectView, SearchLine } from '../../api-types.ts';
import { getJson, isAbort, jsonLines } from '../api.ts';
import { button, element, fill, setStatus } from '../dom.ts';
import { exportControls, recordsExport } from '../export.ts';
import { queryForm, readQuery, type SearchQuery, toParameters } from '../query-form.ts';
import { keyLink, recordRow, recordsTable } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';

/** Searches the ledger. The query is in the address, so that a search can be kept, or sent to somebody. */
export const searchView: View = (main, context) => {
  const { source, signal, go } = context;
  const query = readQuery(context.url.searchParams);
  // A range such as the last hour stays the same while further pages are asked for.
  const parameters = toParameters(query, Date.now());
  const status = element('p.note', { role: 'status' });
  const exact = element('p.exact');
  const { table, body } = recordsTable('Records found, newest first');
  const more = button('More', () => void run(), { hidden: true });
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Search'),
    queryForm(query, {
      path: '/search',
      fields: ['prefix', 'part', 'uploader', 'bucket', 'category', 'status', 'since', 'until'],
      submitLabel: 'Search',
      go,
    }),
    element(
      'section.card',
      element('div.card-head', element('h2', 'Records'), status),
      exact,
      exportControls(recordsExport(query, parameters, source)),
      table,
    ),
    more,
  );
  let next: string | undefined;
  const counts = { found: 0, read: 0 };
  const run = async () => {
    more.hidden = true;
    setStatus(status, 'Looking ...');
    try {
      const page = new URLSearchParams([...parameters, ...(next === undefined ? [] : [['from', next]])]);
      const readBefore = counts.read;
      for await (const line of jsonLines<SearchLine>(`/api/records?${page}`, { signal })) {
        if ('record' in line) {
          body.append(recordRow(line.record, source, true));
          counts.found += 1;
        } else {
          counts.read = readBefore + line.read;
          if ('day' in line) setStatus(status, `Searching ${line.day} ... ${formatCount(counts.read)} read`);
          else next = line.next;
        }
      }
      setStatus(status, resultText(counts, next !== undefined, query));
      more.hidden = next === undefined;
    } catch (error) {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    }
  };
  void run();
  void showExact(exact, query, context);
};

/** Links to the object when the prefix is its whole key, however old it is. */
async function showExact(
  exact: HTMLElement,
  { prefix, bucket }: SearchQuery,
  { source, signal }: ViewContext,
): Promise<void> {
  if (prefix === '') return;
  const object = { bucket: bucket || source.bucketName, key: prefix };
  // Only a convenience: when this fails, the search itself says why.
  const view = await getJson<ObjectView>(`/api/object?${new URLSearchParams(object)}`, signal).catch(() => undefined);
  if (view === undefined || view.history.length === 0) return;
  fill(exact, 'This is the key of an object: ', keyLink({ s3_bucket: object.bucket, s3_key: object.key }));
}

interface Counts {
  readonly found: number;
  /** Records that DynamoDB read: filters leave out most of them after that. */
  readonly read: number;
}

function resultText({ found, read }: Counts, hasMore: boolean, query: SearchQuery): string {
  const { prefix, part, bucket, category, status } = query;
  const isFiltered = [prefix, part, bucket, category, status].some((value) => value !== '');
  const cost = isFiltered && read > found ? ` ${formatNumberOf(read, 'record')} read.` : '';
  return countText(found, hasMore, query) + cost;
}

function countText(found: number, hasMore: boolean, { since, last, uploader }: SearchQuery): string {
  const count = formatNumberOf(found, 'record');
  if (hasMore) return `The newest ${count}.`;
  if (since !== '' || last !== '' || uploader !== '') {
    return found === 0 ? 'No record found. Choose a longer time, or fewer conditions.' : `${count}; there are no more.`;
  }
  return `${found === 0 ? 'No record' : count} in the last 30 days. Set From to look further back.`;
}
