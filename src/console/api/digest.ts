import type { ListedDigest } from '../../contract/outputs.ts';
import type { Digest } from '../../digest/email/digest-email.ts';
import type { Email } from '../../digest/email/email-content.ts';
import type { DigestPreviewView } from '../api-types.ts';
import { BadRequestError } from '../server/exchange.ts';
import { requiredText } from './query.ts';

/** What a digest would say now, and the email that would say it. */
export interface DigestPreview {
  readonly digest: Digest;
  readonly email: Email;
}

/** Folds the digest's window; changes nothing. */
export type PreviewDigest = (digest: ListedDigest) => Promise<DigestPreview>;

/** @throws BadRequestError when the stack has no digest of the `name` that is asked for. */
export function digestOf(query: URLSearchParams, digests: readonly ListedDigest[]): ListedDigest {
  const name = requiredText(query, 'name');
  const digest = digests.find((one) => one.name === name);
  if (digest !== undefined) return digest;
  const names = digests.map((one) => one.name).join(', ');
  throw new BadRequestError(`Expected the name of one of the stack's digests: ${names || 'it has none'}.`);
}

export function toPreviewView({ digest, email }: DigestPreview): DigestPreviewView {
  const { since, until, summary } = digest;
  return { subject: email.subject, text: email.text, since, until, uploads: summary.uploads.count };
}
