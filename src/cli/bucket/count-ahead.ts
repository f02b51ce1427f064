import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from '../arguments/s3-location.ts';

/** How many objects there are, as far as it is known. */
export interface CountAhead {
  /** How much of the whole `done` makes, from 0 to 1. */
  part(done: number): number;
}

/**
 * Counts the objects of a location in the background, for a bar that knows how long it takes: S3 does not tell. A listing is a request for a
 * thousand objects, and many times as fast as what else is done with each of them. Its errors are nobody's: the bar is then less exact.
 */
export async function countAhead(
  client: S3Client,
  { bucket, prefix }: S3Location,
  signal: AbortSignal,
  startAfter?: string,
): Promise<CountAhead> {
  const { listBucket } = await import('../../ledger/reconcile/bucket-listing.ts');
  let counted = 0;
  const options = {
    client,
    bucket,
    signal,
    ...(prefix !== undefined && { prefix }),
    ...(startAfter !== undefined && { startAfter }),
  };
  const count = async () => {
    for await (const page of listBucket(options)) counted += page.length;
  };
  count().catch(() => undefined);
  return { part: (done) => done / Math.max(counted, done, 1) };
}
