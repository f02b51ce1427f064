import { UsageError } from '../usage-error.ts';

/** One object of S3. */
export interface S3Object {
  readonly bucket: string;
  /** As it is: nothing in it is decoded. */
  readonly key: string;
}

/**
 * The object that `s3://bucket/key` names. The key is everything after the first slash, as it is written.
 *
 * @throws UsageError when it names none.
 */
export function parseS3Object(text: string): S3Object {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(text) ?? [];
  if (bucket === '') throw new UsageError('Expected an object such as "s3://bucket/folder/file.txt".');
  return { bucket, key };
}
