import type { RedriveLine, RedriveProgressView, RedriveRequest, SourceView } from '../api-types.ts';
import { isAbort, jsonLines, messageOf } from './api.ts';
import { element, setText } from './dom.ts';
import { countText } from './shown.ts';

export interface RedriveDialogOptions {
  readonly reason: NonNullable<RedriveRequest['reason']>;
  /** How many the last look found that today's parser takes. */
  readonly wouldSucceed: number;
  readonly dryRun: boolean;
  readonly source: SourceView;
  /** The view that the dialog belongs to. */
  readonly signal: AbortSignal;
  /** Called when the dialog is closed after something was moved. */
  readonly onDone: () => void;
}

const ENDS: Readonly<Record<NonNullable<RedriveProgressView['end']>, string>> = {
  empty: 'Done.',
  limit: 'Done.',
  canary: 'Stopped: the first messages did not become records. Look at them before you try again.',
  'came-back': 'Stopped: messages came back to the dead-letter queue.',
  stopped: 'Stopped.',
  full: 'Done with what one look can hold. There are more: redrive again.',
};

/** Asks before it redrives; a dry run changes nothing, and begins at once. Shows how far it has come; closing the dialog stops it. */
export function openRedrive(options: RedriveDialogOptions): void {
  const { reason, dryRun, signal } = options;
  const stop = new AbortController();
  const question = element('p', {}, questionText(options));
  const bar = element('progress', { hidden: true, 'aria-label': 'Progress' });
  const status = element('p', { role: 'status' });
  const confirm = element('button', { type: 'button', class: 'main', hidden: dryRun }, 'Redrive');
  const close = element('button', { type: 'button' }, dryRun ? 'Close' : 'Cancel');
  const title = element(
    'h2',
    { id: 'redrive-title' },
    dryRun ? 'Dry run: ' : 'Redrive: ',
    element('span', { class: 'mono' }, reason),
  );
  const dialog = element(
    'dialog',
    { 'aria-labelledby': title.id },
    title,
    question,
    bar,
    status,
    element('div', { class: 'actions' }, close, confirm),
  );
  let hasMoved = false;
  const run = async () => {
    confirm.hidden = true;
    bar.hidden = false;
    setText(close, dryRun ? 'Close' : 'Stop');
    try {
      const init = {
        method: 'POST',
        body: JSON.stringify({ reason, dryRun } satisfies RedriveRequest),
        signal: stop.signal,
      };
      for await (const progress of jsonLines<RedriveLine>('/api/redrive', init)) {
        hasMoved ||= progress.moved > 0;
        showProgress(progress, options, bar, status);
      }
    } catch (error) {
      if (!isAbort(error)) setText(status, messageOf(error));
    } finally {
      bar.hidden = true;
      setText(close, 'Close');
    }
  };
  confirm.addEventListener('click', () => void run());
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    stop.abort();
    dialog.remove();
    if (hasMoved) options.onDone();
  });
  signal.addEventListener('abort', () => dialog.close(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
  if (dryRun) void run();
}

function questionText({ dryRun, wouldSucceed, source }: RedriveDialogOptions): string {
  if (dryRun) return "Reads every dead letter of this reason and asks today's parser. Nothing is moved.";
  const what = wouldSucceed === 1 ? 'the message' : `the ${countText(wouldSucceed)} messages`;
  return `Move ${what} that today's parser takes from the dead-letter queue of ${source.name} back to its uploads queue? Ten go first; the others follow when those have become records. The others of this reason stay.`;
}

function showProgress(
  progress: RedriveProgressView,
  { dryRun }: RedriveDialogOptions,
  bar: HTMLProgressElement,
  status: HTMLElement,
): void {
  const { looked, chosen, moved, cameBack, end } = progress;
  if (!dryRun && chosen > 0) [bar.max, bar.value] = [chosen, moved];
  const looks = `${countText(looked)} looked at`;
  const back = cameBack > 0 ? `, ${countText(cameBack)} came back` : '';
  const text = dryRun
    ? `${looks}, ${countText(chosen)} would be moved.`
    : `${looks}, ${countText(moved)} of ${countText(chosen)} moved${back}.`;
  setText(status, end === undefined ? text : `${ENDS[end]} ${text}`);
}
