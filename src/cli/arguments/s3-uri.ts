import { ArgumentError } from '../errors.ts';

/** A bucket, or its objects whose keys begin with a prefix. */
export interface S3Location {
  readonly bucket: string;
  /** Nothing in it is decoded. Absent: the whole bucket. */
  readonly prefix?: string;
}

/**
 * The location that `s3://bucket` or `s3://bucket/prefix` names. The prefix is everything after the first slash, as it
 * is written.
 *
 * @throws ArgumentError for anything else.
 */
export function parseS3Location(text: string): S3Location {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  if (bucket === '') throw new ArgumentError('a bucket such as "s3://bucket" or "s3://bucket/folder/"');
  return { bucket, ...(prefix !== '' && { prefix }) };
}

export function locationText({ bucket, prefix = '' }: S3Location): string {
  return `s3://${bucket}/${prefix}`;
}

/** One object of S3. */
export interface S3Object {
  readonly bucket: string;
  /** Nothing in it is decoded. */
  readonly key: string;
}

/**
 * The object that `s3://bucket/key` names. The key is everything after the first slash, as it is written.
 *
 * @throws ArgumentError for anything else.
 */
export function parseS3Object(text: string): S3Object {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(text) ?? [];
  if (bucket === '') throw new ArgumentError('an object such as "s3://bucket/folder/file.txt"');
  return { bucket, key };
}
