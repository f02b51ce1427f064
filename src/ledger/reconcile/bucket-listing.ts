import {
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { readObjectKey } from '../../notification/event-record.ts';
import type { BucketObject } from './bucket-object.ts';

/** What to list. */
export interface ListingOptions {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** What the keys begin with. Default: all. */
  readonly prefix?: string;
  /** The key after which the listing begins. Default: at the first. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
}

/**
 * The objects of a bucket in the order of their keys' UTF-8 bytes, up to a thousand a page; of a bucket with versions,
 * the current ones. One page is read ahead while the one before is used.
 *
 * Keys are sent URL-encoded, because XML cannot hold all characters that a key may have.
 *
 * @throws the SDK's errors, and `UnreadableMessageError` for a key that does not decode.
 */
export async function* listBucket(options: ListingOptions): AsyncGenerator<readonly BucketObject[]> {
  let answer = await listPage(options);
  for (;;) {
    const token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    const ahead = token === undefined ? undefined : listPage(options, token);
    // Handled when the page is wanted; this only avoids an unhandled rejection.
    ahead?.catch(() => undefined);
    const objects = toObjects(answer, options.bucket);
    if (objects.length > 0) yield objects;
    if (ahead === undefined) return;
    answer = await ahead;
  }
}

function listPage(
  { client, bucket, prefix, startAfter, signal }: ListingOptions,
  token?: string,
): Promise<ListObjectsV2CommandOutput> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    EncodingType: 'url',
    ...(prefix && { Prefix: prefix }),
    ...(token !== undefined && { ContinuationToken: token }),
    ...(token === undefined && startAfter !== undefined && { StartAfter: startAfter }),
  });
  return client.send(command, signal && { abortSignal: signal });
}

function toObjects({ Contents = [] }: ListObjectsV2CommandOutput, bucket: string): BucketObject[] {
  return Contents.flatMap(({ Key, Size, ETag, LastModified }) => {
    if (Key === undefined || LastModified === undefined) return [];
    return [
      {
        bucket,
        key: readObjectKey(Key, 'form', 'Key'),
        ...(Size !== undefined && { size: Size }),
        ...(ETag && { eTag: withoutQuotes(ETag) }),
        lastModified: LastModified.toISOString(),
      },
    ];
  });
}

/** What S3 has of an object now; undefined: nothing, or a delete marker. Times are in whole seconds. */
export async function headObject(client: Pick<S3Client, 'send'>, bucket: string, key: string) {
  try {
    const {
      ETag = '',
      LastModified,
      VersionId,
    } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { eTag: withoutQuotes(ETag), lastModified: LastModified?.toISOString() ?? '', versionId: VersionId };
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return undefined;
    throw error;
  }
}

/** S3 quotes eTags in listings; the quotes are not part of them. */
export function withoutQuotes(eTag: string): string {
  return eTag.replace(/^"(.*)"$/, '$1');
}
