import type { ObjectVersion } from '../ledger/read/object-history.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { PresignedUpload, UploadRequest } from './presign-upload.ts';
import type { Uploads, UploadsQuery } from './uploads.ts';
import type { Usage, UsageQuery } from './usage.ts';

/** An object as the ledger knows it. */
export interface LedgerObject {
  /** Whether there is an object: a current version that is no delete marker. */
  readonly exists: boolean;
  /** The record that says so: the latest of the current version, or the one that hid or deleted the object. */
  readonly record: LedgerRecord;
  /** What happened to it, newest first. */
  readonly history: readonly LedgerRecord[];
  /** The same by version, the version with the latest record first. */
  readonly versions: readonly ObjectVersion[];
  /** Whether it has earlier records than these 1,000. */
  readonly isCut: boolean;
}

/**
 * A ledger, read with the permission that the construct's `grantRead` gives.
 *
 * Every method rejects with a `LedgerQueryError` that names all that is wrong with its arguments, an `UploadLedgerError`
 * with the code `table-not-found` or `access-denied`, or what the SDK throws.
 */
export interface Ledger {
  /**
   * Uploads, newest first. Memory stays flat however many there are. A page of one uploader costs a Query a shard, one
   * of all uploaders a Query a shard and day until it is full; a shard with more than 25 of its records one more.
   *
   * @throws {LedgerQueryError} at once.
   * @example
   * const { records, cursor } = await ledger.uploads({ uploader: 'alice', limit: 50 }).page();
   * const next = await ledger.uploads({ uploader: 'alice', limit: 50, cursor }).page();
   * @example
   * for await (const { s3_key, filesize } of ledger.uploads({ since: new Date('2026-11-01'), prefix: 'invoices/' })) {
   *   console.log(s3_key, filesize);
   * }
   */
  uploads(query?: UploadsQuery): Uploads;

  /**
   * One object: its state now and its history, also by version; undefined when nothing is recorded. Keys are exact.
   *
   * @example
   * const invoice = await ledger.object('my-uploads', 'invoices/2026-11.pdf');
   * if (invoice?.exists) console.log(invoice.record.uploader, invoice.record.timestamp);
   */
  object(
    bucket: string,
    key: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<LedgerObject | undefined>;

  /**
   * Uploads and their bytes, deletes and restores of a time range, counted by hour, day, uploader, category or bucket. It
   * reads every record of the range. What was uploaded, not what is stored now.
   *
   * @example
   * const [alice] = await ledger.usage({ by: 'uploader', uploader: 'alice', since: new Date('2026-11-01') });
   * console.log(alice?.uploads, alice?.bytes);
   */
  usage(query: UsageQuery): Promise<readonly Usage[]>;

  /**
   * Signs the upload of one object, for a browser or any other program: name, length and type are those that were
   * signed, or S3 refuses it. Sends nothing; whoever signs needs `s3:PutObject`. A browser needs `corsOrigins` on the bucket.
   *
   * Browsers and `fetch` remove `.` and `..` between slashes from every URL: such keys are uploaded by other means.
   *
   * @example
   * const file = { contentType: 'image/png', contentLength: 48_213 };
   * const upload = await ledger.presignUpload({ bucket: 'my-uploads', key: 'photos/cat.png', uploader: 'alice', ...file });
   * // in the browser: await fetch(upload.url, { method: upload.method, headers: upload.headers, body: file });
   */
  presignUpload(upload: UploadRequest): Promise<PresignedUpload>;

  /** Closes the connections of the clients that it has made itself. */
  close(): void;
}
