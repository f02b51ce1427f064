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
