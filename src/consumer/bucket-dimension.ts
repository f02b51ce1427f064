import { OTHER } from '../digest/batch-summary.ts';

/** Different bucket names that one execution environment reports by themselves. */
const BUCKETS = 50;

/** Names that S3 allows, or allowed before 2018. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;

/**
 * Gives the value of the metrics' bucket dimension.
 *
 * Each value is a custom metric with a price, and whoever can send to the queue can make up names: what is no bucket's name, and
 * every name after the first 50, counts under `(other)`.
 */
export function openBucketDimension(): (bucket: string) => string {
  const known = new Set<string>();
  return (bucket) => {
    if (known.has(bucket)) return bucket;
    if (known.size >= BUCKETS || !BUCKET_NAME.test(bucket)) return OTHER;
    known.add(bucket);
    return bucket;
  };
}
