import type { ChangeKind } from './s3-operation.ts';

/** One object that came, changed or went. */
export interface ObjectChange {
  readonly bucket: string;
  readonly key: string;
  readonly kind: ChangeKind;
  /** Bytes. Absent on deletes. */
  readonly size?: number;
  /** Without quotes. Absent on deletes. */
  readonly eTag?: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  /** 18 upper-case hexadecimal digits, in the order of the changes. */
  readonly sequencer: string;
  /** As S3 writes it, such as `AWS:AROALOCALSTACKROLE000:alice`. */
  readonly principalId: string;
  readonly sourceIp: string;
  readonly requestId: string;
  /** By lower-case name without `x-amz-meta-`. Absent on deletes. */
  readonly userMetadata?: Readonly<Record<string, string>>;
}

/** Something that tells of object changes. */
export interface ObjectChangeSource {
  /**
   * Calls `changed` for every change from now on, in the order of the sequencers, after the write has been answered or
   * while it is.
   *
   * @param flush Awaited before the source closes: resolves when every change that `changed` saw has gone where it must.
   * @returns Ends the calls.
   */
  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void;
}
