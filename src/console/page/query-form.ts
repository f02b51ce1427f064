import { CATEGORIES, UPLOAD_STATUSES } from '../../contract/uploads.ts';
import { DEAD_LETTER_REASONS } from '../../dead-letters/dead-letter.ts';
import { DEFAULT_GROUPING, GROUPINGS } from '../../ledger/read/statistics.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import { element } from './dom.ts';

/**
 * What records and dead letters are chosen by, as it is in the address. Times are UTC, to the minute: `2026-11-22T10:15`. No name is that
 * of a method of elements, such as `contains`: a field of that name would hide the form's method.
 */
const FIELDS = [
  'prefix',
  'part',
  'uploader',
  'bucket',
  'category',
  'status',
  'reason',
  'text',
  'last',
  'since',
  'until',
  'by',
] as const;

export type SearchQuery = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Ranges that end now, as they are in the address and as the command line writes them. */
const RANGES: ReadonlyMap<string, number> = new Map([
  ['15m', 15 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['24h', DAY_MS],
  ['7d', 7 * DAY_MS],
  ['30d', 30 * DAY_MS],
]);

export function readQuery(parameters: URLSearchParams): SearchQuery {
  return Object.fromEntries(FIELDS.map((name) => [name, parameters.get(name) ?? ''])) as SearchQuery;
}

/** The parameters of the API for the query. @param now Epoch milliseconds, where a range such as the last hour ends. */
export function toParameters({ last, since, until, ...query }: SearchQuery, now: number): URLSearchParams {
  const range = RANGES.get(last);
  // An unknown range goes to the server as it is, which says what is wrong with it.
  const begin = range === undefined ? last || (since && `${since}Z`) : new Date(now - range).toISOString();
  const times = { since: begin, until: until && `${until}Z` };
  return new URLSearchParams(Object.entries({ ...query, ...times }).filter(([, value]) => value !== ''));
}

const FORM_FIELDS = {
  by: ({ by }) => field('Count by', choice('by', GROUPINGS, by || DEFAULT_GROUPING)),
  prefix: ({ prefix }) => field('Key begins with', element('input.long', { name: 'prefix', value: prefix })),
  part: ({ part }) => field('Key contains', element('input', { name: 'part', value: part })),
  uploader: ({ uploader }) => field('Uploader', element('input', { name: 'uploader', value: uploader })),
  bucket: ({ bucket }) => field('Bucket', element('input', { name: 'bucket', value: bucket })),
  category: ({ category }) => field('Category', choice('category', ['', ...CATEGORIES], category)),
  status: ({ status }) => field('Status', choice('status', ['', ...UPLOAD_STATUSES], status)),
  reason: ({ reason }) => field('Reason', choice('reason', ['', ...DEAD_LETTER_REASONS], reason)),
  text: ({ text }) => field('Body or detail contains', element('input.long', { name: 'text', value: text })),
  since: ({ since }) => field('From (UTC)', element('input', { name: 'since', type: 'datetime-local', value: since })),
  until: ({ until }) => field('Until (UTC)', element('input', { name: 'until', type: 'datetime-local', value: until })),
} satisfies Readonly<Record<string, (query: SearchQuery) => HTMLElement>>;

interface QueryFormOptions {
  /** The view that answers the form. */
  readonly path: string;
  readonly fields: readonly (keyof typeof FORM_FIELDS)[];
  readonly submitLabel: string;
  readonly go: (address: string) => void;
  /** Below the form. */
  readonly more?: HTMLElement;
}

/** A form to change the query with. */
export function queryForm(
  query: SearchQuery,
  { path, fields, submitLabel, go, more }: QueryFormOptions,
): HTMLFormElement {
  const form = element(
    'form.card.search-form',
    { role: 'search' },
    fields.map((name) => FORM_FIELDS[name](query)),
    element(
      'div.actions',
      element('button.main', submitLabel),
      quickRanges(query),
      element('a', { href: path }, 'Clear'),
    ),
    more,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go(`${path}${submittedQuery(form, event.submitter, query)}`);
  });
  return form;
}

/**
 * The query of a form that was submitted, as the end of an address. A quick range takes the place of times; times take
 * the place of a range.
 */
function submittedQuery(form: HTMLFormElement, submitter: HTMLElement | null, shown: SearchQuery): string {
  const data = new FormData(form, submitter);
  const range = data.get('last');
  if (range !== null) {
    data.delete('since');
    data.delete('until');
  } else if (!data.get('since') && !data.get('until')) data.set('last', shown.last);
  const filled = FIELDS.map((name) => [name, String(data.get(name) ?? '')]).filter(([, value]) => value !== '');
  return filled.length === 0 ? '' : `?${new URLSearchParams(filled)}`;
}

/** Buttons that submit the form for a range that ends now; the pressed one takes its range away. */
function quickRanges({ last }: SearchQuery): HTMLElement {
  return element(
    'div.ranges',
    { role: 'group', 'aria-label': 'Time range until now' },
    [...RANGES.keys()].map((range) => {
      const isPressed = range === last;
      return element(
        'button',
        { name: 'last', value: isPressed ? '' : range, 'aria-pressed': String(isPressed) },
        range,
      );
    }),
  );
}

function field(label: string, input: HTMLElement): HTMLLabelElement {
  return element('label', element('span', label), input);
}

/** A choice of one value; an empty one stands for any. */
function choice(name: string, values: readonly string[], chosen: string): HTMLSelectElement {
  return element(
    'select',
    { name },
    values.map((value) => element('option', { value, selected: value === chosen }, value || 'any')),
  );
}
