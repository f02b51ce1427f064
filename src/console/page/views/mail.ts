import { errorMessage } from '../../../shared/errors.ts';
import { visibleText } from '../../../shared/text.ts';
import type { DigestPreviewView, EmailView } from '../../api-types.ts';
import { getJson, isAbort, withTicket } from '../api.ts';
import { element, fill, list, setText } from '../dom.ts';
import { visibleLines } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';
import { timeInText } from '../times.ts';

/** The inbox, where there is one, and what the next digest would say. What is open is in the address. */
export const mailView: View = (main, context) => {
  const shown = element('section.card.email', { 'aria-label': 'Email' });
  const inbox = element('div');
  const isChosen = context.url.searchParams.size > 0;
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Mail'),
    element(isChosen ? 'div.mailbox.chosen' : 'div.mailbox', element('div.inbox', digestLinks(context), inbox), shown),
  );
  const fail = (error: unknown) => {
    if (!isAbort(error)) fill(shown, element('p.notice', { role: 'alert' }, errorMessage(error)));
  };
  const { searchParams } = context.url;
  if (context.source.hasInbox) showInbox(inbox, shown, context).catch(fail);
  if (searchParams.has('digest')) showDigest(shown, context).catch(fail);
};

/** Links, so that the address of what a digest would say can be sent to somebody. */
function digestLinks({ source, url }: ViewContext): HTMLElement {
  const { digests } = source;
  if (digests.length === 0) return element('p.note', 'This stack sends no digest: see "digests" in the settings.');
  const open = url.searchParams.get('digest');
  const links = digests.map(({ name, timeZone }) =>
    element(
      'a',
      { href: `/mail?${new URLSearchParams({ digest: name })}`, 'aria-current': name === open && 'true' },
      element('strong', `Next digest: ${name}`),
      element('span.note', `as it would be sent now, times in ${timeZone}`),
    ),
  );
  return list(links);
}

async function showInbox(inbox: HTMLElement, shown: HTMLElement, { source, url, signal }: ViewContext): Promise<void> {
  const emails = await getJson<EmailView[]>('/api/mail', signal);
  const [newest] = emails;
  const id = url.searchParams.get('id') ?? (url.searchParams.has('digest') ? undefined : newest?.id);
  const links = list(emails.map((email) => inboxLink(email, email.id === id)));
  const empty = element('p.note', 'No email yet: digests and alerts that are sent appear here.');
  if (newest === undefined && source.digests.length > 0 && !url.searchParams.has('digest')) {
    fill(shown, element('p.empty', 'Nothing to read yet. Choose a digest to see what it would say now.'));
  }
  fill(inbox, newest === undefined ? empty : links);
  const open = emails.find((email) => email.id === id);
  if (open !== undefined) await showEmail(shown, open, signal);
}

function inboxLink({ id, subject, to, at }: EmailView, isOpen: boolean): HTMLAnchorElement {
  return element(
    'a',
    { href: `/mail?${new URLSearchParams({ id })}`, 'aria-current': isOpen && 'true' },
    element('strong', visibleText(subject)),
    element('span.note', `${timeInText(new Date(at).toISOString())}, to ${visibleText(to.join(', '))}`),
  );
}

async function showEmail(shown: HTMLElement, email: EmailView, signal: AbortSignal): Promise<void> {
  const { id, subject, from, to, text, hasHtml } = email;
  const html = hasHtml ? await withTicket(`/mail/message?${new URLSearchParams({ id })}`, signal) : undefined;
  show(shown, subject, `From ${visibleText(from)} to ${visibleText(to.join(', '))}`, text, html);
}

async function showDigest(shown: HTMLElement, { url, signal }: ViewContext): Promise<void> {
  const query = new URLSearchParams({ name: url.searchParams.get('digest') ?? '' });
  setText(shown, 'Looking ...');
  const { subject, text, since, until } = await getJson<DigestPreviewView>(`/api/digest?${query}`, signal);
  const period = `What the digest would say now, from ${timeInText(since)} to ${timeInText(until)}. Nothing is sent.`;
  show(shown, subject, period, text, await withTicket(`/mail/digest?${query}`, signal));
}

/** The HTML part is in a frame in which nothing runs, and which nothing leaves. */
function show(shown: HTMLElement, subject: string, note: string, text: string, html: string | undefined): void {
  const plain = element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Text of the email' }, visibleLines(text));
  fill(
    shown,
    element('h2', visibleText(subject)),
    element('p.note', note),
    html !== undefined &&
      element('iframe', { src: html, title: 'The email', sandbox: '', referrerpolicy: 'no-referrer' }),
    html === undefined ? plain : element('details', element('summary', 'As plain text'), plain),
  );
}
