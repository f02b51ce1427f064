/** An object, or one version of it, as a listing of its bucket or an inventory tells of it. */
export interface BucketObject {
  readonly bucket: string;
  /** As it is, decoded. */
  readonly key: string;
  /** Bytes. */
  readonly size?: number;
  /** Without quotes. */
  readonly eTag?: string;
  /** ISO 8601 UTC with milliseconds. S3 keeps whole seconds; of a multipart upload it is the time of its beginning. */
  readonly lastModified: string;
  /** Only inventories tell it. */
  readonly versionId?: string;
  /** Only in inventories of all versions: not an object, but the mark that one was deleted. */
  readonly isDeleteMarker?: true;
}
