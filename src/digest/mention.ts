import type { LedgerRecord } from '../ledger/record.ts';
import { shortenMiddle } from '../shared/text.ts';
import type { Mention } from './batch-summary.ts';

/** Bytes inside a JSON string that each text of a stored mention may take. */
const MOST_BYTES = { bucket: 64, key: 384, uploader: 128, uploadId: 96 } as const;

/**
 * The upload as an email names it, whole. A record without a size, which only senders other than S3 cause, counts as 0
 * bytes.
 */
export function toMention(record: LedgerRecord): Mention {
  return {
    bucket: record.s3_bucket,
    key: record.s3_key,
    filesize: record.filesize ?? 0,
    timestamp: record.timestamp,
    ...(record.uploader !== undefined && { uploader: record.uploader }),
    uploadId: record.upload_id,
  };
}

/** The mention with every text bounded, as it is stored: keys have up to 1,024 bytes. */
export function shortenMention(mention: Mention): Mention {
  return {
    ...mention,
    bucket: shortenMiddle(mention.bucket, MOST_BYTES.bucket),
    key: shortenMiddle(mention.key, MOST_BYTES.key),
    ...(mention.uploader !== undefined && { uploader: shortenMiddle(mention.uploader, MOST_BYTES.uploader) }),
    uploadId: shortenMiddle(mention.uploadId, MOST_BYTES.uploadId),
  };
}
