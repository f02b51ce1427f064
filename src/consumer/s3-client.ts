/** The part of the SDK's package that is used. Loaded as a whole, the package would bring all of S3's calls into the bundle. */
export { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
