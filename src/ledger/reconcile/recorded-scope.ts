import { type BucketObject, isMultipartETag } from './bucket-object.ts';

/** Which objects and which events a stack records, as it was configured. Absent: all. */
export interface RecordedScope {
  /** Beginning of the keys, not encoded. */
  readonly prefix?: string;
  /** End of the keys, not encoded. */
  readonly suffix?: string;
  /** Event types without the `s3:` prefix, such as `ObjectCreated:*`. */
  readonly events?: readonly string[];
}

/** Whether the stack records objects of this key. */
export function isRecordedKey(key: string, { prefix = '', suffix = '' }: RecordedScope): boolean {
  return key.startsWith(prefix) && key.endsWith(suffix);
}

/**
 * Whether the stack records the event that made the object. `unclear`: it records some of the events that can have made
 * it. A bucket does not tell how an object was made, but for its eTag: that of an upload in parts has a form of its own.
 */
export type Coverage = 'recorded' | 'excluded' | 'unclear';

export function coverageOf({ key, eTag }: Pick<BucketObject, 'key' | 'eTag'>, scope: RecordedScope): Coverage {
  if (!isRecordedKey(key, scope)) return 'excluded';
  const kinds = creationsOf(eTag);
  const recorded = kinds.filter((kind) => records(scope, 'ObjectCreated', kind));
  if (recorded.length === kinds.length) return 'recorded';
  return recorded.length === 0 ? 'excluded' : 'unclear';
}

function creationsOf(eTag: string | undefined): readonly string[] {
  if (eTag === undefined) return ['Put', 'Post', 'Copy', 'CompleteMultipartUpload'];
  return isMultipartETag(eTag) ? ['CompleteMultipartUpload'] : ['Put', 'Post', 'Copy'];
}

/**
 * Whether the stack records every event by which an object can go: otherwise nobody can tell whether one is missing. An
 * object with versions also goes by a delete marker.
 */
export function recordsDeletes(scope: RecordedScope, hasVersions: boolean): boolean {
  const kinds = hasVersions ? ['Delete', 'DeleteMarkerCreated'] : ['Delete'];
  return ['ObjectRemoved', 'LifecycleExpiration'].every((family) =>
    kinds.every((kind) => records(scope, family, kind)),
  );
}

function records({ events }: RecordedScope, family: string, kind: string): boolean {
  return events === undefined || events.includes(`${family}:*`) || events.includes(`${family}:${kind}`);
}
