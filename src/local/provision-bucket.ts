import {
  BucketAlreadyOwnedByYou,
  type BucketLocationConstraint,
  CreateBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { BucketResource } from './template-resources.ts';

/** Makes the bucket unless it is there. */
export async function provisionBucket({ name }: BucketResource, s3: S3Client, region: string): Promise<void> {
  // S3 takes no constraint for its oldest Region.
  const location = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  try {
    await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: location }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
}
