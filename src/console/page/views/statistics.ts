import { DEFAULT_GROUPING, type Group } from '../../../ledger/read/statistics.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { formatBytes, formatCount, formatNumberOf } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time.ts';
import type { StatisticsView } from '../../api-types.ts';
import { getJson, isAbort } from '../api.ts';
import { element, fill, setStatus, tableHead } from '../dom.ts';
import { queryForm, readQuery, type SearchQuery, toParameters } from '../query-form.ts';
import { searchHref } from '../record-elements.ts';
import type { View } from '../router.ts';

/** Counts of uploads by time or by name, over any range. What is counted is in the address. */
export const statisticsView: View = (main, { url, signal, go }) => {
  const query = readQuery(url.searchParams);
  const status = element('p.note', { role: 'status' }, 'Counting ...');
  const counts = element('div.counts', { tabindex: 0, role: 'region', 'aria-label': 'Counts' });
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Statistics'),
    queryForm(query, {
      path: '/statistics',
      fields: ['by', 'prefix', 'uploader', 'bucket', 'category', 'since', 'until'],
      submitLabel: 'Count',
      go,
    }),
    element('section.card', element('div.card-head', element('h2', 'Uploads'), status), counts),
  );
  getJson<StatisticsView>(`/api/statistics?${toParameters(query, Date.now())}`, signal)
    .then((view) => {
      setStatus(status, statusText(view, query));
      fill(counts, countsTable(view.groups, query));
    })
    .catch((error: unknown) => {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    });
};

function statusText({ groups, isCut, read }: StatisticsView, { since, last }: SearchQuery): string {
  const uploads = groups.reduce((sum, group) => sum + group.uploads, 0);
  const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
  const range = since === '' && last === '' ? ' in the last 30 days' : '';
  const cut = isCut ? ` The newest ${formatCount(groups.length)} lines; ask for less time to see older ones.` : '';
  const what = uploads === 0 ? 'No upload' : `${formatNumberOf(uploads, 'upload')} of ${formatBytes(bytes)}`;
  return `${what}${range}, ${formatNumberOf(read, 'record')} read.${cut}`;
}

function countsTable(groups: readonly Group[], query: SearchQuery): HTMLTableElement {
  const by = query.by || DEFAULT_GROUPING;
  const most = Math.max(1, ...groups.map(({ uploads }) => uploads));
  const rows = groups.map((group) => {
    const name = nameOf(group);
    return element(
      'tr',
      element('th', { scope: 'row' }, nameElement(group, name, { ...query, by })),
      element(
        'td.bar-cell',
        element('progress', { max: most, value: group.uploads, 'aria-label': `Uploads of ${name}` }),
      ),
      element('td', formatCount(group.uploads)),
      element('td', formatBytes(group.bytes)),
      element('td', formatCount(group.deletes)),
      element('td', formatCount(group.versionsDeleted)),
      element('td', formatCount(group.restores)),
    );
  });
  const title = isTime(by) ? `${by} (UTC)` : by;
  const head = tableHead(
    title,
    ['Compared', 'bar-cell'],
    'Uploads',
    'Bytes',
    'Deletes',
    'Versions deleted',
    'Restores',
  );
  return element('table.statistics', element('caption.unseen', `Uploads by ${by}`), head, element('tbody', rows));
}

/** The name as a link to a search for its records; as text where there is no search for them. */
function nameElement({ name, others }: Group, shown: string, query: SearchQuery): HTMLElement | string {
  if (name === undefined || others) return shown;
  const wanted = { ...query, by: '', ...(isTime(query.by) ? timesOf(name) : { [query.by]: name }) };
  const filled = Object.entries(wanted).filter(([, value]) => value !== '');
  return element('a.quiet', { href: searchHref(Object.fromEntries(filled)) }, shown);
}

function isTime(by: string): boolean {
  return by === 'day' || by === 'hour';
}

/** The day `2026-11-22` or the hour `2026-11-22T10`, as a search has them. */
function timesOf(name: string): Partial<SearchQuery> {
  const isDay = name.length === 10;
  const since = `${name}${isDay ? 'T00:00' : ':00'}`;
  const until = new Date(Date.parse(`${since}Z`) + (isDay ? DAY_MS : HOUR_MS)).toISOString().slice(0, 16);
  return { last: '', since, until };
}

function nameOf({ name, others }: Group): string {
  return others ? 'all others' : visibleText(name?.replace(/T(\d\d)$/, ' $1:00') ?? 'not known');
}
