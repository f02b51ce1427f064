/**
 * A prefix or suffix in the form that S3's notification filters take: a space as `+`, everything outside S3's safe characters
 * and `/` percent-encoded in UTF-8.
 *
 * Source: Amazon S3 User Guide, "Configuring event notifications using object key name filtering".
 */
export function encodedFilterValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll('~', '%7E');
}

/** Longest value of a filter rule: CloudFormation's reference of `AWS::S3::Bucket` `FilterRule`. */
export const FILTER_VALUE_CHARACTERS = 1024;
