import type { Alert } from './alert.ts';
import { toAlertContent } from './alert-content.ts';
import type { Email } from './email.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';

/**
 * The email of an alert: `Alert large-videos: 3 uploads, 4.2 GB: my-bucket`. To be loaded when there is one to send,
 * as `renderDigest`.
 *
 * @throws RangeError when the runtime does not know the rule's time zone.
 */
export function renderAlert(alert: Alert): Email {
  const content = toAlertContent(alert);
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}
