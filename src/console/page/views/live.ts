import { CATEGORIES } from '../../../contract/uploads.ts';
import { formatBytes, formatCount } from '../../../shared/format.ts';
import type { RecordView } from '../../api-types.ts';
import { type Chart, createChart, createLegend } from '../chart.ts';
import { button, element, fill, setText } from '../dom.ts';
import type { LiveStore } from '../live-store.ts';
import { recordRow, recordsTable } from '../record-elements.ts';
import type { View } from '../router.ts';
import { type Stack, stackMinutes } from '../stack-minutes.ts';
import { createTiles } from '../tiles.ts';

/** Rows of the table. */
const MAX_ROWS = 100;
/** So many new rows are highlighted; with more, the eye could not follow. */
const MAX_HIGHLIGHTED = 10;

/** What is happening now: figures, an hour of uploads, and the newest records. */
export const liveView: View = (main, { live, signal }) => {
  const tiles = createTiles();
  const legend = createLegend(CATEGORIES);
  const options = { categories: CATEGORIES, onPoint: legend.point };
  const uploads = createChart({ ...options, title: 'Uploads a minute', format: formatCount }, signal);
  const bytes = createChart({ ...options, title: 'Bytes a minute', format: roundBytes }, signal);
  const trouble = element('p.notice', { role: 'alert', hidden: true });
  const records = newRecords(live, signal);
  fill(
    main,
    element('h1.unseen', { tabindex: -1 }, 'Live'),
    trouble,
    tiles.list,
    element('div.charts', uploads.figure, bytes.figure, legend.figure),
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
    showChart(uploads, stacks.uploads, formatCount);
    showChart(bytes, stacks.bytes, formatBytes);
    legend.show(stacks.uploads, stacks.bytes);
  };
  show();
  live.listen(show, signal);
  // The hour moves on also when nothing happens.
  const clock = setInterval(show, 5000);
  signal.addEventListener('abort', () => clearInterval(clock));
};

/** For an axis: `400 MB` rather than `400.0 MB`. */
function roundBytes(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ');
}

function showChart(chart: Chart, stack: Stack, format: (value: number) => string): void {
  const totals = stack.sums.at(-1) ?? [];
  const sum = totals.reduce((all, one) => all + one, 0);
  chart.show(stack, `${format(sum)} in the last hour, at most ${format(Math.max(0, ...totals))} in one minute`);
}

/** The newest records on top. Can be paused, to read or to follow a link while many come. */
function newRecords(live: LiveStore, signal: AbortSignal): HTMLElement {
  const { table, body } = recordsTable('The newest records, newest first');
  const note = element('p.note', { role: 'status' });
  let missed = 0;
  let isPaused = false;
  const showAll = () => {
    missed = 0;
    fill(
      body,
      live.records.slice(0, MAX_ROWS).map((record) => recordRow(record, false)),
    );
    setText(note, emptyNote(live));
  };
  const togglePause = () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    if (!isPaused) showAll();
  };
  const pause = button('Pause', togglePause, { 'aria-pressed': 'false' });
  live.listen((fresh, skipped) => {
    if (isPaused) {
      missed += (fresh?.length ?? 0) + skipped;
      setText(note, missed === 0 ? '' : `${formatCount(missed)} more since.`);
    } else if (fresh === undefined) showAll();
    else {
      putOnTop(body, fresh);
      setText(note, emptyNote(live));
    }
  }, signal);
  showAll();
  return element('section.card', element('div.card-head', element('h2', 'New records'), note, pause), table);
}

function emptyNote({ records, isReading }: LiveStore): string {
  if (records.length > 0) return '';
  return isReading ? 'Reading the ledger ...' : 'No record yet. Upload something, and it appears here.';
}

function putOnTop(body: HTMLElement, fresh: readonly RecordView[]): void {
  const rows = fresh.map((record) => recordRow(record, false)).reverse();
  if (rows.length <= MAX_HIGHLIGHTED) for (const row of rows) row.classList.add('fresh');
  body.prepend(...rows);
  while (body.childElementCount > MAX_ROWS) body.lastElementChild?.remove();
}
