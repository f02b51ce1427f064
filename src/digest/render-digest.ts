import type { Digest } from './digest.ts';
import { toDigestContent } from './digest-content.ts';
import type { Email } from './email.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';

/**
 * The email of a digest: `412 uploads, 3.1 GB in 15 min: my-bucket`.
 *
 * To be loaded when there is one to send: it needs the runtime's time zones and grapheme tables, which no other batch
 * does.
 *
 * @throws RangeError when the runtime does not know the digest's time zone.
 */
export function renderDigest(digest: Digest): Email {
  const content = toDigestContent(digest);
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}
