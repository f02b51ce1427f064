import type { S3Client } from '@aws-sdk/client-s3';
import { UploadLedgerError } from '../shared/errors.ts';
import { DAY_SECONDS } from '../shared/time.ts';
import { type Check, optional, quoted } from '../shared/validation.ts';
import { aText, aWholeNumber, checkFields } from './checks.ts';

/** Bytes of one PUT. Source: S3 User Guide, "Uploading objects". */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** Source: S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024;
/** UTF-16 units of a name that a record keeps. */
const MAX_UPLOADER_LENGTH = 256;
/** Source: S3 API Reference, "Authenticating Requests: Using Query Parameters". */
const MAX_LIFETIME_SECONDS = 7 * DAY_SECONDS;
const DEFAULT_LIFETIME_SECONDS = 900;

export interface UploadRequest {
  readonly bucket: string;
  readonly key: string;
  /**
   * Who uploads, signed as the object's metadata `uploader`: a ledger with `uploaderMetadata` records it, unless its key
   * template finds a name. @default none
   */
  readonly uploader?: string | undefined;
  /** The `Content-Type` that the request must send. @default any */
  readonly contentType?: string | undefined;
  /** Exactly so many bytes, up to 5 GiB. @default any number: give it wherever it is known */
  readonly contentLength?: number | undefined;
  /** Seconds for which the URL is valid, up to a week, and no longer than the credentials that sign it. @default 900 */
  readonly expiresIn?: number | undefined;
}

/** What the uploading program needs, as `fetch` takes it. */
export interface PresignedUpload {
  readonly method: 'PUT';
  readonly url: string;
  /** To be sent as they are. The length is not among them: `fetch` and curl count it themselves. */
  readonly headers: Readonly<Record<string, string>>;
}

const aKey: Check = (value) => {
  if (typeof value !== 'string' || value === '') return aText(value);
  if (!value.isWellFormed()) return `expected well-formed Unicode, got ${quoted(value)}`;
  const bytes = Buffer.byteLength(value);
  return bytes <= MAX_KEY_BYTES ? undefined : `expected at most ${MAX_KEY_BYTES} bytes, got ${bytes}`;
};

const anUploader: Check = (value) => {
  const isName = typeof value === 'string' && value.trim() !== '' && value.isWellFormed();
  if (isName && value.length <= MAX_UPLOADER_LENGTH) return undefined;
  return `expected a name of 1 to ${MAX_UPLOADER_LENGTH} characters, got ${quoted(value)}`;
};

const aMediaType: Check = (value) =>
  typeof value === 'string' && /^[\w.+-]+\/[\w.+-]+(?:;[\x20-\x7e]*)?$/.test(value)
    ? undefined
    : `expected a type such as image/png, got ${quoted(value)}`;

const UPLOAD_CHECKS = {
  bucket: aText,
  key: aKey,
  uploader: optional(anUploader),
  contentType: optional(aMediaType),
  contentLength: optional(aWholeNumber(0, MAX_PUT_BYTES)),
  expiresIn: optional(aWholeNumber(1, MAX_LIFETIME_SECONDS)),
};

/**
 * Signs one upload. S3 refuses a body of another length or type, and metadata that were not signed.
 *
 * Loads the SDK's presigner when it is first called: programs that only read do not wait for it.
 *
 * @throws {LedgerQueryError}
 * @throws UploadLedgerError `presign-checksum` for a client that would sign the checksum of an empty body.
 */
export async function presignUpload(s3: () => Promise<S3Client>, upload: UploadRequest): Promise<PresignedUpload> {
  checkFields('presignUpload', upload, UPLOAD_CHECKS);
  const { bucket, key, uploader, contentType, contentLength, expiresIn = DEFAULT_LIFETIME_SECONDS } = upload;
  const [{ PutObjectCommand }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(uploader !== undefined && { Metadata: { uploader } }),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(contentLength !== undefined && { ContentLength: contentLength }),
  });
  // The presigner leaves the type out unless it is told; without one given, it would sign a default.
  const signableHeaders = new Set(['host', 'content-length', ...(contentType === undefined ? [] : ['content-type'])]);
  // Metadata go into the signed query, where any script is possible: a header would have to be ASCII.
  const url = await getSignedUrl(await s3(), command, { expiresIn, signableHeaders });
  if (/[?&]x-amz-checksum-/i.test(url)) throw new UploadLedgerError('presign-checksum', WRONG_CLIENT);
  return { method: 'PUT', url, headers: contentType === undefined ? {} : { 'content-type': contentType } };
}

const WRONG_CLIENT =
  "expected an S3Client made with requestChecksumCalculation: 'WHEN_REQUIRED': this one signs the checksum of an empty body";
