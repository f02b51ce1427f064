/** What is used of the package. Imported as a whole, it would bring all of S3's calls into the bundle. */
export { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
