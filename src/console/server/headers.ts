import type { OutgoingHttpHeaders } from 'node:http';

/** On every answer, whatever it is. */
export const COMMON_HEADERS: OutgoingHttpHeaders = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** For whatever is no page: it may do nothing at all when somebody opens it as one. */
export const INERT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/** For the page that lets nobody in: without a sandbox, so that its link is one of this site's own. */
export const STRANGER_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * For an email in its frame. Styles stand in the email itself; nothing is fetched, nothing runs, nothing is sent. The frame's own
 * `sandbox` attribute says the same once more.
 */
export const EMAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/**
 * For the console's page: own files only, no inline script or style, and no way for a text to become markup (trusted types).
 *
 * @param uploadOrigins Where the page may send uploads, besides the console itself.
 */
export function pagePolicy(uploadOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...uploadOrigins].join(' '),
    "frame-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
