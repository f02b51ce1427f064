import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { UploadLedgerError } from '../../shared/errors.ts';
import { HOUR_MS, SECOND_MS } from '../../shared/time.ts';

interface PresignedDownload {
  readonly bucket: string;
  readonly key: string;
  /** Seconds for which the URL is valid, at most a week. @default 3600 */
  readonly expiresIn?: number;
}

interface PresignedUpload extends PresignedDownload {
  /** User metadata, which the URL carries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const HOUR_SECONDS = HOUR_MS / SECOND_MS;

/**
 * A URL to which anybody can PUT the object. Whoever signs is the uploader: see the client's access key id.
 *
 * Browsers and `fetch` remove `.` and `..` between slashes from every URL: upload such keys by other means.
 *
 * @throws UploadLedgerError `presign-checksum` when the client signs the checksum of an empty body into the URL.
 */
export async function presignUpload(s3: S3Client, upload: PresignedUpload): Promise<string> {
  const { bucket, key, expiresIn = HOUR_SECONDS, metadata } = upload;
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, ...(metadata && { Metadata: metadata }) });
  const url = await getSignedUrl(s3, command, { expiresIn });
  if (/[?&]x-amz-checksum-/i.test(url)) {
    throw new UploadLedgerError(
      'presign-checksum',
      'Expected a client with requestChecksumCalculation WHEN_REQUIRED; this one signs the checksum of an empty body.',
    );
  }
  return url;
}

/** A URL from which anybody can GET the object. */
export async function presignDownload(s3: S3Client, download: PresignedDownload): Promise<string> {
  const { bucket, key, expiresIn = HOUR_SECONDS } = download;
  return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
}
