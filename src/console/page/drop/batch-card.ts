import { formatBytes, formatDuration } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import { element, setText } from '../dom.ts';
import { countText } from '../shown.ts';
import type { UploadBatch, UploadState } from './upload-batch.ts';

/** Files that have a line of their own; of a larger batch only the sums are shown. */
const MOST_LINES = 200;

/** Shows how far a batch is, for as long as `signal` is not aborted. */
export function batchCard(batch: UploadBatch, signal: AbortSignal): HTMLElement {
  const bar = element('progress', { max: batch.jobs.length, value: 0, 'aria-label': batch.title });
  const status = element('p', { class: 'note', role: 'status' });
  const hasLines = batch.jobs.length <= MOST_LINES;
  const lines = hasLines ? batch.jobs.map((_, position) => fileLine(batch, position)) : [];
  const showSums = () => {
    bar.value = batch.counts.uploaded + batch.counts.failed;
    setText(status, sumsText(batch, hasLines));
  };
  const changed = new Set<number>();
  const render = () => {
    for (const position of changed) lines[position]?.show();
    changed.clear();
    showSums();
  };
  batch.onChange = (position) => {
    if (changed.size === 0) requestAnimationFrame(render);
    changed.add(position);
  };
  signal.addEventListener('abort', () => {
    batch.onChange = undefined;
  });
  showSums();
  return element(
    'section',
    { class: 'card batch' },
    element('div', { class: 'card-head' }, element('h2', {}, batch.title), status),
    bar,
    hasLines &&
      element(
        'ul',
        { class: 'files', tabindex: 0, 'aria-label': `Files of ${batch.title}` },
        lines.map(({ item }) => item),
      ),
  );
}

function sumsText({ jobs, counts, isOver }: UploadBatch, hasLines: boolean): string {
  const done = isOver
    ? `${countText(counts.uploaded)} uploaded`
    : `${countText(counts.uploaded)} of ${countText(jobs.length)} uploaded`;
  const recorded = hasLines ? `, ${countText(counts.recorded)} recorded` : isOver ? ': see Live' : '';
  return `${done}${recorded}${counts.failed > 0 ? `, ${countText(counts.failed)} failed` : ''}`;
}

function fileLine(batch: UploadBatch, position: number) {
  const job = batch.jobs[position];
  const bar = element('progress', { max: 1, value: 0, 'aria-label': visibleText(job?.key ?? '') });
  const state = element('span', { class: 'state' });
  const item = element(
    'li',
    {},
    element('span', { class: 'mono cut', title: visibleText(job?.key ?? '') }, visibleText(job?.key ?? '')),
    element('span', { class: 'note' }, formatBytes(job?.body.size ?? 0)),
    bar,
    state,
  );
  const show = () => {
    const now = batch.states[position] ?? { kind: 'waiting' };
    item.className = now.kind;
    bar.value = shareOf(now);
    setText(state, stateText(now));
  };
  show();
  return { item, show };
}

function shareOf(state: UploadState): number {
  if (state.kind === 'uploading') return state.share;
  return state.kind === 'uploaded' || state.kind === 'recorded' ? 1 : 0;
}

function stateText(state: UploadState): string {
  if (state.kind === 'uploading') return `${Math.floor(state.share * 100)} %`;
  if (state.kind === 'recorded') return `recorded after ${formatDuration(state.afterMilliseconds)}`;
  return state.kind === 'failed' ? visibleText(state.why) : state.kind;
}
