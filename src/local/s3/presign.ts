import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { HOUR_MS, SECOND_MS } from '../../shared/time.ts';

interface PresignedUpload {
  readonly bucket: string;
  readonly key: string;
  /** Seconds for which the URL is valid, at most a week. @default 3600 */
  readonly expiresIn?: number;
}

const HOUR_SECONDS = HOUR_MS / SECOND_MS;

/**
 * A URL to which anybody can PUT the object. Whoever signs is the uploader: see the client's access key id.
 *
 * Browsers and `fetch` remove `.` and `..` between slashes from every URL: upload such keys by other means.
 *
 * @param s3 A client of the local stack: others sign the checksum of an empty body.
 */
export function presignUpload(s3: S3Client, upload: PresignedUpload): Promise<string> {
  const { bucket, key, expiresIn = HOUR_SECONDS } = upload;
  return getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
}
