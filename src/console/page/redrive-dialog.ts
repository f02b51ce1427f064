import { errorMessage } from '../../shared/errors.ts';
import { formatCount } from '../../shared/format.ts';
import type { RedriveLine, RedriveProgressView, RedriveRequest, SourceView } from '../api-types.ts';
import { isAbort, jsonLines } from './api.ts';
import { button, element, setStatus, setText } from './dom.ts';

interface RedriveDialogOptions {
  readonly reason: NonNullable<RedriveRequest['reason']>;
  /** How many of the loaded messages today's parser takes. */
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
  canary: 'Stopped: the first messages were not recorded. Look at them before you try again.',
  'came-back': 'Stopped: messages came back to the dead-letter queue.',
  stopped: 'Stopped.',
  full: 'Done, but one run cannot read all of them. Redrive again for the rest.',
};

/** Asks before it redrives; a dry run changes nothing and starts at once. Shows the progress; closing stops it. */
export function openRedrive(options: RedriveDialogOptions): void {
  const { reason, dryRun, signal } = options;
  const stop = new AbortController();
  const bar = element('progress', { hidden: true, 'aria-label': 'Progress' });
  const status = element('p', { role: 'status' });
  const confirm = element('button.main', { type: 'button', hidden: dryRun, onclick: () => void run() }, 'Redrive');
  const close = button(dryRun ? 'Close' : 'Cancel', () => dialog.close());
  const heading = [dryRun ? 'Dry run: ' : 'Redrive: ', element('span.mono', reason)];
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'redrive-title' },
    element('h2', { id: 'redrive-title' }, heading),
    element('p', questionText(options)),
    bar,
    status,
    element('div.actions', close, confirm),
  );
  let hasMoved = false;
  const run = async () => {
    confirm.hidden = true;
    bar.hidden = false;
    setText(close, dryRun ? 'Close' : 'Stop');
    try {
      const body = JSON.stringify({ reason, dryRun } satisfies RedriveRequest);
      const init = { method: 'POST', body, signal: stop.signal };
      for await (const progress of jsonLines<RedriveLine>('/api/redrive', init)) {
        hasMoved ||= progress.moved > 0;
        showProgress(progress, options, bar, status);
      }
    } catch (error) {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    } finally {
      bar.hidden = true;
      setText(close, 'Close');
    }
  };
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
  if (dryRun)
    return 'Reads every dead letter of this reason, and checks whether the current version can read it. Nothing is moved.';
  const what = wouldSucceed === 1 ? 'the message' : `the ${formatCount(wouldSucceed)} messages`;
  return `Move ${what} that the current version can read from the dead-letter queue of ${source.name} back to its uploads queue? Ten go first; the others follow when these ten are recorded. The other messages of this reason stay.`;
}

function showProgress(
  progress: RedriveProgressView,
  { dryRun }: RedriveDialogOptions,
  bar: HTMLProgressElement,
  status: HTMLElement,
): void {
  const { looked, chosen, moved, cameBack, end } = progress;
  if (!dryRun && chosen > 0) [bar.max, bar.value] = [chosen, moved];
  const looks = `${formatCount(looked)} looked at`;
  const back = cameBack > 0 ? `, ${formatCount(cameBack)} came back` : '';
  const text = dryRun
    ? `${looks}, ${formatCount(chosen)} would be moved.`
    : `${looks}, ${formatCount(moved)} of ${formatCount(chosen)} moved${back}.`;
  setText(status, end === undefined ? text : `${ENDS[end]} ${text}`);
}
