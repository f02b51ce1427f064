/**
 * The S3 event types that the ledger records, without the `s3:` prefix: what the bucket may be told to send. All others would
 * be received, paid for, counted and dropped.
 */
export const EVENT_TYPES = [
  'ObjectCreated:*',
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:*',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'LifecycleExpiration:*',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
  'ObjectRestore:Completed',
] as const;

/**
 * Event types that another one of the list covers already, or that stand in it twice. S3 refuses a configuration in which two
 * entries with the same filter share an event type.
 */
export function overlappingEventTypes(events: readonly string[]): string[] {
  return events.filter((event, index) => {
    const [family = ''] = event.split(':');
    const everyOfFamily = `${family}:*`;
    return events.indexOf(event) !== index || (event !== everyOfFamily && events.includes(everyOfFamily));
  });
}

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
