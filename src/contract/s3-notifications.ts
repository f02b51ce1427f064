/**
 * A prefix or suffix as S3's notification filters expect it: a space as `+`, everything outside S3's safe characters
 * and `/` percent-encoded in UTF-8.
 *
 * Source: Amazon S3 User Guide, "Configuring event notifications using object key name filtering".
 */
export function encodedFilterValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll('~', '%7E');
}
