import type { Fields } from './fields.ts';

/** `detail.reason` of an "Object Created" event, as the last part of the notification's event name. */
const CREATED_BY: ReadonlyMap<unknown, string> = new Map([
  ['PutObject', 'Put'],
  ['POST Object', 'Post'],
  ['CopyObject', 'Copy'],
  ['CompleteMultipartUpload', 'CompleteMultipartUpload'],
  // LocalStack's own spellings.
  ['PostObject', 'Post'],
  ['s3:ObjectCreated:CompleteMultipartUpload', 'CompleteMultipartUpload'],
]);

/**
 * The name that a notification of the same event bears (AWS: "Amazon EventBridge mapping and troubleshooting").
 *
 * EventBridge has fewer types: one "Object Created" for four event names, one "Object Deleted" for four more, told
 * apart by `detail.reason` and `detail.deletion-type`. Types that the ledger does not store become
 * `EventBridge:ObjectTagsAdded` and the like, which no notification is called.
 */
export function eventBridgeEventName(detailType: string, detail: Fields): string {
  switch (detailType) {
    case 'Object Created':
      return `ObjectCreated:${createdBy(detail.reason)}`;
    case 'Object Deleted': {
      const remover = detail.reason === 'Lifecycle Expiration' ? 'LifecycleExpiration' : 'ObjectRemoved';
      const marker = detail['deletion-type'] === 'Delete Marker Created';
      return `${remover}:${marker ? 'DeleteMarkerCreated' : 'Delete'}`;
    }
    case 'Object Restore Completed':
      return 'ObjectRestore:Completed';
    default:
      return `EventBridge:${detailType.replace(/[^A-Za-z0-9]/g, '').slice(0, 64) || 'Unnamed'}`;
  }
}

/** A reason that AWS adds one day keeps its own name: the upload is recorded all the same. */
function createdBy(reason: unknown): string {
  const known = CREATED_BY.get(reason);
  if (known !== undefined) return known;
  return typeof reason === 'string' && /^[A-Za-z]{1,64}$/.test(reason) ? reason : 'Unknown';
}
