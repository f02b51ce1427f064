import { errorMessage } from '../../../shared/errors.ts';
import { formatCount } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import type {
  DeadLetterGroupView,
  DeadLettersView,
  DeadLetterView,
  RedriveLine,
  RedriveProgressView,
  RedriveRequest,
  SourceView,
} from '../../api-types.ts';
import { isAbort, jsonLines, postJson } from '../api.ts';
import { button, copyButton, element, fill, setText } from '../dom.ts';
import { timeElement, visibleLines } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';

/** What each reason means to the reader. Those that are not here explain themselves. */
const MEANINGS: Readonly<Record<string, string>> = {
  'retries-used-up':
    'Tried for retryHours (a day by default) and never stored: a long outage, or a fault. Fine to redrive once that is over.',
  'not-delivered': 'EventBridge, SNS or Scheduler could not send it to the uploads queue. Usually fine to redrive.',
  'not-json': 'The body is not JSON: something other than S3 sends to the queue.',
  'not-an-s3-event': 'JSON, but no S3 event: something other than S3 sends to the queue.',
  'no-records': 'An S3 event without records.',
  'key-not-decodable': "The object's key does not decode: the sender does not encode keys as S3 does.",
  'bad-event-record': 'An event record without a field that every record has.',
  'unsupported-version': 'An event of a version that is not known.',
  'record-too-large': 'The record would break a limit of DynamoDB.',
  'refused-by-dynamodb': 'DynamoDB refused the record.',
  'email-not-configured': 'A digest was due, and the stack has no sender for it.',
};

/** The dead letters by reason, what today's parser says of them, and the redrive. */
export const failedView: View = (main, context) => {
  const status = element('p.note', { role: 'status' });
  const groups = element('div.groups');
  const load = async () => {
    refresh.disabled = true;
    setText(status, 'Looking ...');
    try {
      const view = await postJson<DeadLettersView>('/api/dead-letters', {}, context.signal);
      fill(
        groups,
        view.looked === 0 && element('p.card.empty.good', '✓ Nothing failed: no message waits for you.'),
        view.groups.map((group) => groupCard(group, context, () => void load())),
      );
      setText(status, statusText(view));
    } catch (error) {
      if (!isAbort(error)) setText(status, errorMessage(error));
    } finally {
      refresh.disabled = false;
    }
  };
  const refresh = button('Refresh', () => void load());
  fill(main, element('div.view-head', element('h1', { tabindex: -1 }, 'Failed'), status, refresh), groups);
  void load();
};

function statusText({ looked, isCut }: DeadLettersView): string {
  if (looked === 0) return 'The dead-letter queue is empty.';
  const count = looked === 1 ? '1 dead letter' : `${formatCount(looked)} dead letters`;
  return isCut ? `The first ${count}; there are more.` : `${count} in all.`;
}

function groupCard(group: DeadLetterGroupView, { source, signal }: ViewContext, onDone: () => void): HTMLElement {
  const { reason, count, wouldSucceed, oldest, deadLetters } = group;
  const open = (dryRun: boolean) => openRedrive({ reason, wouldSucceed, dryRun, source, signal, onDone });
  const redriveLabel = wouldSucceed === 0 ? 'Redrive' : `Redrive ${formatCount(wouldSucceed)} …`;
  const buttons = [
    button('Dry run', () => open(true)),
    button(redriveLabel, () => open(false), { disabled: wouldSucceed === 0 }),
  ];
  const all = deadLetters.length === 1 ? 'The message' : 'Messages';
  const summary = deadLetters.length < count ? `The first ${deadLetters.length} messages` : all;
  return element(
    'section.card.group',
    element('div.card-head', element('h2', element('span.mono', reason), ` ${formatCount(count)}`), buttons),
    element('p.note', MEANINGS[reason] ?? '', oldest !== undefined && [' Oldest: ', timeElement(oldest), ' UTC.']),
    element('p', { class: wouldSucceed > 0 ? 'good' : 'note' }, decisionsText(group)),
    element('details', element('summary', summary), deadLetters.map(messageCard)),
  );
}

function decisionsText({ count, wouldSucceed }: DeadLetterGroupView): string {
  if (wouldSucceed === 0) return "Today's parser takes none of them: a redrive would bring them back here.";
  return `Today's parser takes ${wouldSucceed === count ? 'all' : `${formatCount(wouldSucceed)} of ${formatCount(count)}`}.`;
}

function messageCard({ id, detail, sentAt, body, bodyLength, wouldSucceed, decision }: DeadLetterView): HTMLElement {
  const rest = bodyLength - body.length;
  return element(
    'article.dead-letter',
    element('div.actions', element('h3.mono', visibleText(id)), copyButton('Copy the id', id)),
    sentAt !== undefined && element('p.note', timeElement(sentAt), ' UTC'),
    detail !== undefined && element('p', `Then: ${visibleText(detail)}`),
    element('p', { class: wouldSucceed ? 'good' : '' }, `Now: ${visibleText(decision)}`),
    // Scrolls by itself, so the keyboard must reach it.
    element(
      'pre',
      { tabindex: 0, role: 'region', 'aria-label': 'Body' },
      visibleLines(rest > 0 ? body : prettyBody(body)),
    ),
    rest === 0 && copyButton('Copy the body', body),
    rest > 0 && element('p.note', `and ${formatCount(rest)} characters more`),
  );
}

/** JSON with its lines indented; anything else as it is. */
function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}

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
  canary: 'Stopped: the first messages did not become records. Look at them before you try again.',
  'came-back': 'Stopped: messages came back to the dead-letter queue.',
  stopped: 'Stopped.',
  full: 'Done with as many as one run can read. There are more: redrive again.',
};

/** Asks before it redrives; a dry run changes nothing and starts at once. Shows the progress; closing stops it. */
function openRedrive(options: RedriveDialogOptions): void {
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
      if (!isAbort(error)) setText(status, errorMessage(error));
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
  if (dryRun) return "Reads every dead letter of this reason and asks today's parser. Nothing is moved.";
  const what = wouldSucceed === 1 ? 'the message' : `the ${formatCount(wouldSucceed)} messages`;
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
  const looks = `${formatCount(looked)} looked at`;
  const back = cameBack > 0 ? `, ${formatCount(cameBack)} came back` : '';
  const text = dryRun
    ? `${looks}, ${formatCount(chosen)} would be moved.`
    : `${looks}, ${formatCount(moved)} of ${formatCount(chosen)} moved${back}.`;
  setText(status, end === undefined ? text : `${ENDS[end]} ${text}`);
}
