/**
 * The S3 event types that the ledger records, without the `s3:` prefix. A bucket can be configured to send these and no
 * others: the function would only count and drop the rest.
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

export type EventType = (typeof EVENT_TYPES)[number];

/** Longest value of a filter rule. Source: CloudFormation's reference of `AWS::S3::Bucket` `FilterRule`. */
export const FILTER_VALUE_CHARACTERS = 1024;

/**
 * Event types that are in the list twice, or that another entry of the list covers. S3 refuses a configuration in which
 * two entries with the same filter share an event type.
 */
export function overlappingEventTypes(events: readonly string[]): string[] {
  return events.filter((event, index) => {
    const [family = ''] = event.split(':');
    const wildcard = `${family}:*`;
    return events.indexOf(event) !== index || (event !== wildcard && events.includes(wildcard));
  });
}
