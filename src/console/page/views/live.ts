import { formatBytes } from '../../../shared/format.ts';
import { CATEGORIES } from '../../../upload/category.ts';
import type { RecordView } from '../../api-types.ts';
import { type Chart, legend, openChart } from '../chart.ts';
import { element, fill, setText } from '../dom.ts';
import type { LiveStore } from '../live-store.ts';
import { countText, recordRow, recordsTable } from '../record-elements.ts';
import type { View } from '../router.ts';
import { type Stack, stackMinutes } from '../stack-minutes.ts';
import { liveTiles } from '../tiles.ts';

/** Rows of the table. */
const ROWS = 100;
/** So many at once are pointed out; of more, the eye has nothing. */
const POINTED_OUT = 10;

/** What is happening now: figures, an hour of uploads, and the newest records. */
export const liveView: View = (main, { live, signal }) => {
  const tiles = liveTiles();
  const shares = legend(CATEGORIES);
  const point = (position: number | undefined) => shares.point(position);
  const uploads = openChart(
    { title: 'Uploads a minute', categories: CATEGORIES, format: countText, onPoint: point },
    signal,
  );
  const bytes = openChart(
    { title: 'Bytes a minute', categories: CATEGORIES, format: roundBytes, onPoint: point },
    signal,
  );
  const trouble = element('p', { class: 'notice', role: 'alert', hidden: true });
  const records = newRecords(live, signal);
  fill(
    main,
    element('h1', { class: 'unseen', tabindex: -1 }, 'Live'),
    trouble,
    tiles.list,
    element('div', { class: 'charts' }, uploads.figure, bytes.figure, shares.figure),
    records,
  );
  const show = () => {
    trouble.hidden = live.trouble === undefined;
    setText(trouble, live.trouble ?? '');
    tiles.show(live, Date.now());
    const stacks = {
      uploads: stackMinutes(live.minutes, (minute) => minute.uploads, CATEGORIES.length, Date.now()),
      bytes: stackMinutes(live.minutes, (minute) => minute.bytes, CATEGORIES.length, Date.now()),
    };
    showChart(uploads, stacks.uploads, countText);
    showChart(bytes, stacks.bytes, formatBytes);
    shares.show(stacks.uploads, stacks.bytes);
  };
  show();
  live.listen(show, signal);
  // The hour goes on when nothing happens.
  const clock = setInterval(show, 5000);
  signal.addEventListener('abort', () => clearInterval(clock));
};

/** What stands at an axis is a round figure: `400 MB` rather than `400.0 MB`. */
function roundBytes(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ');
}

function showChart(chart: Chart, stack: Stack, format: (value: number) => string): void {
  const totals = stack.sums.at(-1) ?? [];
  const sum = totals.reduce((all, one) => all + one, 0);
  chart.show(stack, `${format(sum)} in the last hour, at most ${format(Math.max(0, ...totals))} in one minute`);
}

/** The newest records on top. Can be held, to read or to follow a link while many come. */
function newRecords(live: LiveStore, signal: AbortSignal): HTMLElement {
  const { table, body } = recordsTable('The newest records, newest first');
  const hold = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause');
  const note = element('p', { class: 'note', role: 'status' });
  let missed = 0;
  let isHeld = false;
  const showAll = () => {
    missed = 0;
    fill(
      body,
      live.records.slice(0, ROWS).map((record) => recordRow(record, false)),
    );
    setText(note, emptyNote(live));
  };
  hold.addEventListener('click', () => {
    isHeld = !isHeld;
    hold.setAttribute('aria-pressed', String(isHeld));
    if (!isHeld) showAll();
  });
  live.listen((fresh, skipped) => {
    if (isHeld) {
      missed += (fresh?.length ?? 0) + skipped;
      setText(note, missed === 0 ? '' : `${countText(missed)} more since.`);
    } else if (fresh === undefined) showAll();
    else {
      putOnTop(body, fresh);
      setText(note, emptyNote(live));
    }
  }, signal);
  showAll();
  return element(
    'section',
    { class: 'card' },
    element('div', { class: 'card-head' }, element('h2', {}, 'New records'), note, hold),
    table,
  );
}

function emptyNote({ records, isReading }: LiveStore): string {
  if (records.length > 0) return '';
  return isReading ? 'Reading the ledger ...' : 'No record yet. Upload something, and it appears here.';
}

function putOnTop(body: HTMLElement, fresh: readonly RecordView[]): void {
  const rows = fresh.map((record) => recordRow(record, false)).reverse();
  if (rows.length <= POINTED_OUT) for (const row of rows) row.classList.add('fresh');
  body.prepend(...rows);
  while (body.childElementCount > ROWS) body.lastElementChild?.remove();
}
