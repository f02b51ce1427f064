import { errorMessage } from '../../../shared/errors.ts';
import { formatCount, formatNumberOf } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import type { DeadLetterGroupView, DeadLettersView, DeadLetterView } from '../../api-types.ts';
import { isAbort, postJson } from '../api.ts';
import { button, copyButton, element, fill, setStatus } from '../dom.ts';
import { deadLettersExport, exportControls } from '../export.ts';
import { queryForm, readQuery, toParameters } from '../query-form.ts';
import { visibleLines } from '../record-elements.ts';
import { openRedrive } from '../redrive-dialog.ts';
import type { View, ViewContext } from '../router.ts';
import { timeInText } from '../times.ts';

/** What each reason means to the reader. Those that are not here explain themselves. */
const MEANINGS: Readonly<Record<string, string>> = {
  'retries-used-up':
    'Tried for retryHours (a day by default) and never stored, because of a long outage or a fault. Redrive when that is over.',
  'not-delivered': 'EventBridge, SNS or Scheduler could not send it to the uploads queue. You can usually redrive it.',
  'sent-directly': 'Somebody sent it straight to the dead-letter queue. It can be read: redrive it if it is an upload.',
  'not-json': 'The body is not JSON: something other than S3 sends to the queue.',
  'not-an-s3-event': 'JSON, but no S3 event: something other than S3 sends to the queue.',
  'no-records': 'An S3 event without records.',
  'key-not-decodable': "The object's key cannot be decoded: the sender does not encode keys as S3 does.",
  'bad-event-record': 'An event record without a field that every record has.',
  'unsupported-version': 'An event of an unknown version.',
  'record-too-large': 'The record would exceed a limit of DynamoDB.',
  'refused-by-dynamodb': 'DynamoDB refused the record.',
  'email-not-configured': "A digest or an alert that is not in the stack's settings.",
};

/** The dead letters by reason, what today's parser says of them, and the redrive. Which are shown is in the address. */
export const failedView: View = (main, context) => {
  const query = readQuery(context.url.searchParams);
  const { reason, text, last, since, until } = query;
  // A redrive takes all of one reason.
  const isNarrowed = [text, last, since, until].some((value) => value !== '');
  const isSearch = isNarrowed || reason !== '';
  const parameters = () => toParameters(query, Date.now());
  const status = element('p.note', { role: 'status' });
  const groups = element('div.groups');
  const load = async () => {
    refresh.disabled = true;
    setStatus(status, 'Looking ...');
    try {
      const view = await postJson<DeadLettersView>(`/api/dead-letters?${parameters()}`, {}, context.signal);
      fill(
        groups,
        view.looked === 0 && element('p.card.empty.good', '✓ Nothing failed.'),
        view.groups.map((group) => groupCard(group, context, isNarrowed ? undefined : () => void load())),
      );
      search.hidden = view.looked === 0 && !isSearch;
      setStatus(status, isSearch ? foundText(view, isNarrowed) : statusText(view));
    } catch (error) {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    } finally {
      refresh.disabled = false;
    }
  };
  const refresh = button('Refresh', () => void load());
  const search = queryForm(query, {
    path: '/failed',
    fields: ['text', 'reason', 'since', 'until'],
    submitLabel: 'Search',
    go: context.go,
    more: exportControls(deadLettersExport(query, parameters(), context.source)),
  });
  fill(main, element('div.view-head', element('h1', { tabindex: -1 }, 'Failed'), status, refresh), search, groups);
  void load();
};

function statusText({ looked, isCut }: DeadLettersView): string {
  if (looked === 0) return 'The dead-letter queue is empty.';
  const count = formatNumberOf(looked, 'dead letter');
  return isCut ? `The first ${count}; there are more.` : `${count} in all.`;
}

/** Of a search. */
function foundText({ groups, looked, isCut }: DeadLettersView, isNarrowed: boolean): string {
  const found = groups.reduce((sum, { count }) => sum + count, 0);
  const all = isCut ? `the first ${formatCount(looked)}` : formatNumberOf(looked, 'dead letter');
  if (found === 0) return `None of ${all} matches.`;
  return `${formatCount(found)} of ${all}.${isNarrowed ? ' To redrive, clear the search: a redrive takes all messages of a reason.' : ''}`;
}

/** @param onDone Called after a redrive. Absent: there is none, because not all messages of the reason are shown. */
function groupCard(group: DeadLetterGroupView, { source, signal }: ViewContext, onDone?: () => void): HTMLElement {
  const { reason, count, wouldSucceed, oldest, deadLetters } = group;
  const redriveLabel = wouldSucceed === 0 ? 'Redrive' : `Redrive ${formatCount(wouldSucceed)} …`;
  const buttons = (done: () => void) => {
    const open = (dryRun: boolean) => openRedrive({ reason, wouldSucceed, dryRun, source, signal, onDone: done });
    return [
      button('Dry run', () => open(true)),
      button(redriveLabel, () => open(false), { disabled: wouldSucceed === 0 }),
    ];
  };
  const all = deadLetters.length === 1 ? 'The message' : 'Messages';
  const summary = deadLetters.length < count ? `The first ${deadLetters.length} messages` : all;
  return element(
    'section.card.group',
    element(
      'div.card-head',
      element('h2', element('span.mono', reason), ` ${formatCount(count)}`),
      onDone && buttons(onDone),
    ),
    element('p.note', MEANINGS[reason] ?? '', oldest !== undefined && ` Oldest: ${timeInText(oldest)}.`),
    element('p', { class: wouldSucceed > 0 ? 'good' : 'note' }, decisionsText(group)),
    element('details', element('summary', summary), deadLetters.map(messageCard)),
  );
}

function decisionsText({ count, wouldSucceed }: DeadLetterGroupView): string {
  if (count === 1 && wouldSucceed === 1) return 'The current version can read it.';
  if (count === 1) return 'The current version cannot read it: a redrive would bring it back here.';
  if (wouldSucceed === 0) return 'The current version can read none of them: a redrive would bring them back here.';
  return `The current version can read ${wouldSucceed === count ? 'all' : `${formatCount(wouldSucceed)} of ${formatCount(count)}`}.`;
}

function messageCard({ id, detail, sentAt, body, bodyLength, wouldSucceed, decision }: DeadLetterView): HTMLElement {
  const rest = bodyLength - body.length;
  return element(
    'article.dead-letter',
    element('div.actions', element('h3.mono', visibleText(id)), copyButton('Copy the id', id)),
    sentAt !== undefined && element('p.note', timeInText(sentAt)),
    detail !== undefined && element('p', `Then: ${visibleText(detail)}`),
    element('p', { class: wouldSucceed ? 'good' : '' }, `Now: ${visibleText(decision)}`),
    // Scrolls by itself, so the keyboard must reach it.
    element(
      'pre',
      { tabindex: 0, role: 'region', 'aria-label': `Body of ${visibleText(id)}` },
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
