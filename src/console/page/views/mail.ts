import { visibleText } from '../../../shared/text.ts';
import type { DigestPreviewView, EmailView } from '../../api-types.ts';
import { getJson, isAbort, messageOf } from '../api.ts';
import { element, fill, setText } from '../dom.ts';
import { dateTimeText, timeElement } from '../record-elements.ts';
import type { View, ViewContext } from '../router.ts';

/** What was mailed (where there is an inbox), and what the next digest would say. What is open stands in the address. */
export const mailView: View = (main, context) => {
  const shown = element('section', { class: 'card email', 'aria-label': 'Email' });
  const list = element('div', { class: 'letters' });
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Mail'),
    element('div', { class: 'mailbox' }, element('div', { class: 'inbox' }, digestLinks(context), list), shown),
  );
  const fail = (error: unknown) => {
    if (!isAbort(error)) fill(shown, element('p', { class: 'notice', role: 'alert' }, messageOf(error)));
  };
  const { searchParams } = context.url;
  if (context.source.hasInbox) showInbox(list, shown, context).catch(fail);
  if (searchParams.has('digest')) showDigest(shown, context).catch(fail);
};

/** Links, because each of them is an address: what a digest would say can be sent to somebody. */
function digestLinks({ source, url }: ViewContext): HTMLElement {
  const { digests } = source;
  if (digests.length === 0)
    return element('p', { class: 'note' }, 'This stack sends no digest: see "digests" in the settings.');
  const open = url.searchParams.get('digest');
  const links = digests.map(({ name, timeZone }) =>
    element(
      'a',
      { href: `/mail?${new URLSearchParams({ digest: name })}`, ...(name === open && { 'aria-current': 'true' }) },
      element('strong', {}, `Next digest: ${name}`),
      element('span', { class: 'note' }, `as it would be sent now, times in ${timeZone}`),
    ),
  );
  return element(
    'ul',
    {},
    links.map((link) => element('li', {}, link)),
  );
}

async function showInbox(list: HTMLElement, shown: HTMLElement, { url, signal }: ViewContext): Promise<void> {
  const emails = await getJson<EmailView[]>('/api/mail', signal);
  const [newest] = emails;
  const id = url.searchParams.get('id') ?? (url.searchParams.has('digest') ? undefined : newest?.id);
  if (newest === undefined) {
    fill(list, element('p', { class: 'note' }, 'No email yet: digests and alerts that are sent appear here.'));
  } else {
    fill(
      list,
      element(
        'ul',
        {},
        emails.map((email) => element('li', {}, inboxLink(email, email.id === id))),
      ),
    );
  }
  const open = emails.find((email) => email.id === id);
  if (open !== undefined) showEmail(shown, open);
}

function inboxLink({ id, subject, to, at }: EmailView, isOpen: boolean): HTMLAnchorElement {
  return element(
    'a',
    { href: `/mail?${new URLSearchParams({ id })}`, ...(isOpen && { 'aria-current': 'true' }) },
    element('strong', {}, visibleText(subject)),
    element('span', { class: 'note' }, timeElement(new Date(at).toISOString()), ` to ${visibleText(to.join(', '))}`),
  );
}

function showEmail(shown: HTMLElement, { id, subject, from, to, text, hasHtml }: EmailView): void {
  const html = hasHtml ? `/mail/message?${new URLSearchParams({ id })}` : undefined;
  show(shown, subject, `From ${visibleText(from)} to ${visibleText(to.join(', '))}`, text, html);
}

async function showDigest(shown: HTMLElement, { url, signal }: ViewContext): Promise<void> {
  const query = new URLSearchParams({ name: url.searchParams.get('digest') ?? '' });
  setText(shown, 'Looking ...');
  const { subject, text, since, until } = await getJson<DigestPreviewView>(`/api/digest?${query}`, signal);
  const period = `What the digest would say now, from ${dateTimeText(since)} to ${dateTimeText(until)} UTC. Nothing is sent.`;
  show(shown, subject, period, text, `/mail/digest?${query}`);
}

/** The HTML part stands in a frame in which nothing runs, and of which nothing gets out. */
function show(shown: HTMLElement, subject: string, note: string, text: string, html: string | undefined): void {
  const plain = element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Text of the email' }, lines(text));
  fill(
    shown,
    element('h2', {}, visibleText(subject)),
    element('p', { class: 'note' }, note),
    html !== undefined &&
      element('iframe', { src: html, title: 'The email', sandbox: '', referrerpolicy: 'no-referrer' }),
    html === undefined ? plain : element('details', {}, element('summary', {}, 'As plain text'), plain),
  );
}

function lines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}
