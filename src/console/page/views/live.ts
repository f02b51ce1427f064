import { CATEGORIES } from '../../../contract/uploads.ts';
import { formatBytes, formatCount } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import type { RecordView, SourceView } from '../../api-types.ts';
import { type Chart, createChart, createLegend } from '../chart.ts';
import { button, element, fill, setText } from '../dom.ts';
import type { LiveStore } from '../live-store.ts';
import { recordRow, recordsTable, searchHref } from '../record-elements.ts';
import type { View } from '../router.ts';
import { type Stack, stackMinutes } from '../stack-minutes.ts';
import { createTiles } from '../tiles.ts';

/** Rows of the table. */
const MAX_ROWS = 100;
/** So many new rows are highlighted; with more, the eye could not follow. */
const MAX_HIGHLIGHTED = 10;

/** What is happening now: figures, an hour of uploads, and the newest records. */
export const liveView: View = (main, { live, source, signal, go }) => {
  const tiles = createTiles();
  const legend = createLegend(CATEGORIES);
  const options = {
    categories: CATEGORIES,
    onPoint: legend.point,
    onRange: (since: number, until: number) => go(minutesHref(since, until)),
  };
  const uploads = createChart({ ...options, title: 'Uploads a minute', format: formatCount }, signal);
  const bytes = createChart({ ...options, title: 'Bytes a minute', format: roundBytes }, signal);
  const trouble = element('p.notice', { role: 'alert', hidden: true });
  const records = newRecords(live, source, signal);
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
    tiles.show(live);
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

/** Searches the uploads of these minutes: epoch seconds, without the end. */
function minutesHref(since: number, until: number): string {
  const text = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 16);
  return searchHref({ status: 'uploaded', since: text(since), until: text(until) });
}

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
function newRecords(live: LiveStore, source: SourceView, signal: AbortSignal): HTMLElement {
  const { table, body } = recordsTable('The newest records, newest first');
  const note = element('p.note', { role: 'status' });
  const empty = emptyState(source);
  const showNote = () => {
    setText(note, live.isReading && live.records.length === 0 ? 'Reading the ledger ...' : '');
    empty.hidden = live.isReading || live.records.length > 0;
  };
  let missed = 0;
  let isPaused = false;
  const showAll = () => {
    missed = 0;
    fill(
      body,
      live.records.slice(0, MAX_ROWS).map((record) => recordRow(record, source, false)),
    );
    showNote();
  };
  const togglePause = () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    if (isPaused) setText(note, 'Paused.');
    else showAll();
  };
  const pause = button('Pause', togglePause, { 'aria-pressed': 'false' });
  live.listen((fresh, skipped) => {
    if (isPaused) {
      missed += (fresh?.length ?? 0) + skipped;
      setText(note, missed === 0 ? 'Paused.' : `Paused: ${formatCount(missed)} more since.`);
    } else if (fresh === undefined) showAll();
    else {
      putOnTop(body, fresh, source);
      showNote();
    }
  }, signal);
  showAll();
  return element('section.card', element('div.card-head', element('h2', 'New records'), note, pause), empty, table);
}

/** What to do when nothing was uploaded yet. */
function emptyState({ canUpload, isLocal, bucketName }: SourceView): HTMLElement {
  const command = `aws s3 cp FILE s3://${visibleText(bucketName)}/`;
  return element(
    'p.empty',
    { hidden: true },
    'No record in the last day. Upload something, and it appears here: ',
    canUpload ? element('a', { href: '/upload' }, 'in Upload') : element('span.mono', command),
    isLocal ? ', or with any client of S3.' : '.',
    ' Older ones are in ',
    element('a', { href: '/search' }, 'Search'),
    '.',
  );
}

function putOnTop(body: HTMLElement, fresh: readonly RecordView[], source: SourceView): void {
  const rows = fresh.map((record) => recordRow(record, source, false)).reverse();
  if (rows.length <= MAX_HIGHLIGHTED) for (const row of rows) row.classList.add('fresh');
  body.prepend(...rows);
  while (body.childElementCount > MAX_ROWS) body.lastElementChild?.remove();
}
