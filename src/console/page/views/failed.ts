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
import { isAbort, jsonLines, messageOf, postJson } from '../api.ts';
import { element, fill, setText } from '../dom.ts';
import { countText, timeElement } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';

/** What each reason means to whoever reads it. Those not named here speak for themselves. */
const MEANING: Readonly<Record<string, string>> = {
  'retries-used-up': 'Read several times and never stored: throttling, an outage, or a fault. Usually fine to redrive.',
  'not-json': 'The body is not JSON: something other than S3 sends to the queue.',
  'not-an-s3-event': 'JSON, and no S3 event: something other than S3 sends to the queue.',
  'no-records': 'An S3 event without records.',
  'key-not-decodable': "The object's key does not decode: the sender does not encode keys as S3 does.",
  'bad-event-record': 'An event record without a field that every record has.',
  'unsupported-version': 'An event of a version that is not known.',
  'record-too-large': 'The record would break a limit of DynamoDB.',
  'refused-by-dynamodb': 'DynamoDB refused the record.',
  'email-not-configured': 'A digest was due, and the stack has no sender for it.',
};

/** The dead letters by reason, what today's parser says of them, and the way back. */
export const failedView: View = (main, context) => {
  const status = element('p', { class: 'note', role: 'status' });
  const again = element('button', { type: 'button' }, 'Refresh');
  const groups = element('div', { class: 'groups' });
  const look = async () => {
    again.disabled = true;
    setText(status, 'Looking ...');
    try {
      const view = await postJson<DeadLettersView>('/api/dead-letters', {}, context.signal);
      fill(
        groups,
        view.groups.map((group) => groupCard(group, context, () => void look())),
      );
      setText(status, statusText(view));
    } catch (error) {
      if (!isAbort(error)) setText(status, messageOf(error));
    } finally {
      again.disabled = false;
    }
  };
  again.addEventListener('click', () => void look());
  fill(main, element('div', { class: 'view-head' }, element('h1', { tabindex: -1 }, 'Failed'), status, again), groups);
  void look();
};

function statusText({ looked, isCut }: DeadLettersView): string {
  if (looked === 0) return 'The dead-letter queue is empty.';
  const count = looked === 1 ? '1 dead letter' : `${countText(looked)} dead letters`;
  return isCut ? `The first ${count}; there are more.` : `${count} in all.`;
}

function groupCard(group: DeadLetterGroupView, { source, signal }: ViewContext, onDone: () => void): HTMLElement {
  const { reason, count, wouldSucceed, oldest, deadLetters } = group;
  const open = (dryRun: boolean) => openRedrive({ reason, wouldSucceed, dryRun, source, signal, onDone });
  const redrive = element(
    'button',
    { type: 'button', disabled: wouldSucceed === 0 },
    wouldSucceed === 0 ? 'Redrive' : `Redrive ${countText(wouldSucceed)} …`,
  );
  redrive.addEventListener('click', () => open(false));
  const dryRun = element('button', { type: 'button' }, 'Dry run');
  dryRun.addEventListener('click', () => open(true));
  const shown =
    deadLetters.length < count
      ? `The first ${deadLetters.length} messages`
      : `${deadLetters.length === 1 ? 'The message' : 'Messages'}`;
  return element(
    'section',
    { class: 'card group' },
    element(
      'div',
      { class: 'card-head' },
      element('h2', {}, element('span', { class: 'mono' }, reason), ` ${countText(count)}`),
      dryRun,
      redrive,
    ),
    element(
      'p',
      { class: 'note' },
      MEANING[reason] ?? '',
      oldest !== undefined && [' Oldest: ', timeElement(oldest), ' UTC.'],
    ),
    element('p', { class: wouldSucceed > 0 ? 'good' : 'note' }, verdictText(group)),
    element('details', {}, element('summary', {}, shown), deadLetters.map(messageCard)),
  );
}

function verdictText({ count, wouldSucceed }: DeadLetterGroupView): string {
  if (wouldSucceed === 0) return "Today's parser takes none of them: a redrive would bring them back here.";
  return `Today's parser takes ${wouldSucceed === count ? 'all' : `${countText(wouldSucceed)} of ${countText(count)}`}.`;
}

function messageCard({ id, detail, sentAt, body, bodyLength, wouldSucceed, decision }: DeadLetterView): HTMLElement {
  const rest = bodyLength - body.length;
  return element(
    'article',
    { class: 'letter' },
    element('h3', { class: 'mono' }, visibleText(id)),
    sentAt !== undefined && element('p', { class: 'note' }, timeElement(sentAt), ' UTC'),
    detail !== undefined && element('p', {}, `Then: ${visibleText(detail)}`),
    element('p', { class: wouldSucceed ? 'good' : '' }, `Now: ${visibleText(decision)}`),
    // Scrolls by itself, so the keyboard must reach it.
    element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Body' }, bodyText(body)),
    rest > 0 && element('p', { class: 'note' }, `and ${countText(rest)} characters more`),
  );
}

/** With the body's own line breaks. */
function bodyText(body: string): string {
  return body.split('\n').map(visibleText).join('\n');
}

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
