import { type BucketLocationConstraint, CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BucketResource } from './template-resources.ts';

/** Makes the bucket. The emulator takes a bucket that is there for made, as S3 does in its oldest Region. */
export async function provisionBucket({ name }: BucketResource, s3: S3Client, region: string): Promise<void> {
  // That Region has no constraint to name it.
  const location = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: location }));
}
