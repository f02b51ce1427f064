import type { EmailView } from '../api-types.ts';

/** An email of the inbox. */
export interface InboxEmail {
  readonly messageId: string;
  readonly from: string;
  readonly destination: { readonly to: readonly string[] };
  readonly subject: string;
  readonly body: { readonly html?: string; readonly text?: string };
  /** Epoch seconds. */
  readonly at: number;
}

/** Emails received so far, oldest first. */
export type ReadInbox = () => Promise<readonly InboxEmail[]>;

/** Emails that are listed: the newest. */
const MOST_LISTED = 100;
/** Characters of a text part that are shown. */
const TEXT_SHOWN = 20_000;

/** The inbox, newest first. */
export async function inboxView(inbox: ReadInbox): Promise<EmailView[]> {
  const emails = await inbox();
  return emails.slice(-MOST_LISTED).reverse().map(toView);
}

/** The HTML part of one email, or `undefined` when there is none. */
export async function htmlOf(inbox: ReadInbox, id: string): Promise<string | undefined> {
  const emails = await inbox();
  return emails.find(({ messageId }) => messageId === id)?.body.html || undefined;
}

function toView({ messageId, from, destination, subject, body, at }: InboxEmail): EmailView {
  return {
    id: messageId,
    subject,
    from,
    to: destination.to,
    at: at * 1000,
    text: (body.text ?? '').slice(0, TEXT_SHOWN),
    hasHtml: Boolean(body.html),
  };
}
