import { z } from 'zod';
import { text } from './setting-kinds.ts';

/** Buckets that one rule can name: its pattern holds 2,048 characters. Source: EventBridge User Guide, "Quotas". */
const MOST_BUCKETS = 20;

const BUCKETS = `must be 1 to ${MOST_BUCKETS} names of buckets (separated by commas), each once`;

/** Unlike one that is made here, a bucket that is there may have dots in its name: nobody asks for its certificate. */
const existingBucketName = text((name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name), BUCKETS);

/** A list in cdk.json, or names separated by commas on the command line. */
export const bucketNames = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : value),
    z
      .array(existingBucketName)
      .min(1)
      .max(MOST_BUCKETS)
      .refine((names) => new Set(names).size === names.length, { error: BUCKETS })
      .readonly(),
  )
  .describe(BUCKETS);
