import type { ListedDigest } from '../../contract/outputs.ts';
import type { Digest } from '../../digest/email/digest-email.ts';
import type { Email } from '../../digest/email/email-content.ts';
import type { ReceivedEmail } from '../../local/servers/mail-server.ts';
import type { DigestPreviewView, EmailView } from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';
import { requiredText } from './parameters.ts';

type InboxEmail = Pick<ReceivedEmail, 'messageId' | 'from' | 'subject' | 'body' | 'at'> & {
  readonly destination: Pick<ReceivedEmail['destination'], 'to'>;
};

/** Emails received so far, oldest first. */
export type ReadInbox = () => Promise<readonly InboxEmail[]>;

/** The newest emails are listed. */
const MAX_LISTED = 100;
/** Characters of a text part that are shown. */
const MAX_TEXT_LENGTH = 20_000;

/** The inbox, newest first. */
export async function inboxView(inbox: ReadInbox): Promise<EmailView[]> {
  const emails = await inbox();
  return emails.slice(-MAX_LISTED).reverse().map(toEmailView);
}

/** The HTML part of one email, or `undefined` when there is none. */
export async function readHtml(inbox: ReadInbox, id: string): Promise<string | undefined> {
  const emails = await inbox();
  return emails.find(({ messageId }) => messageId === id)?.body.html || undefined;
}

function toEmailView({ messageId, from, destination, subject, body, at }: InboxEmail): EmailView {
  return {
    id: messageId,
    subject,
    from,
    to: destination.to,
    at: at * 1000,
    text: (body.text ?? '').slice(0, MAX_TEXT_LENGTH),
    hasHtml: Boolean(body.html),
  };
}

/** What a digest would say now, and the email that would say it. */
interface DigestPreview {
  readonly digest: Digest;
  readonly email: Email;
}

/** Folds the digest's window; changes nothing. */
export type PreviewDigest = (digest: ListedDigest) => Promise<DigestPreview>;

/** @throws BadRequestError when the stack has no digest of the `name` that is asked for. */
export function requiredDigest(query: URLSearchParams, digests: readonly ListedDigest[]): ListedDigest {
  const name = requiredText(query, 'name');
  const digest = digests.find((one) => one.name === name);
  if (digest !== undefined) return digest;
  const names = digests.map((one) => one.name).join(', ');
  throw new BadRequestError(`Expected the name of one of the stack's digests: ${names || 'it has none'}.`);
}

export function toPreviewView({ digest, email }: DigestPreview): DigestPreviewView {
  return { subject: email.subject, text: email.text, since: digest.since, until: digest.until };
}
