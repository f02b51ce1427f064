/**
 * A key as S3 writes it into an event, and as a notification filter or an SNS filter on events must spell its beginning
 * or end: as forms encode it, in UTF-8, with slashes left alone. S3 compares texts: the filter `test=abc/` matches
 * nothing, and `test%3Dabc/` what is meant.
 *
 * Sources: Amazon S3 User Guide, "Event message structure" and "Configuring event notifications using object key name
 * filtering"; AWS re:Post, "Why doesn't my Amazon S3 event notification trigger my Lambda function?".
 */
export function formUrlEncode(key: string): string {
  return new URLSearchParams({ '': key }).toString().slice('='.length).replaceAll('%2F', '/');
}
