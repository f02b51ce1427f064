import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readObjectKey } from '../../notification/event-record.ts';
import { UnreadableMessageError } from '../../notification/fields.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { quoted } from '../../shared/validation.ts';
import { withoutQuotes } from './bucket-listing.ts';
import type { BucketObject } from './bucket-object.ts';

/** The fields of an inventory's `manifest.json` that are used. */
export interface InventoryManifest {
  /** The bucket that the inventory is of. */
  readonly sourceBucket: string;
  /** The bucket that has its files. */
  readonly bucket: string;
  /** Names of the columns, in order. */
  readonly fields: readonly string[];
  /** Size in bytes, compressed. */
  readonly files: readonly { readonly key: string; readonly size: number }[];
}

const REQUIRED_FIELDS = ['Bucket', 'Key', 'LastModifiedDate', 'Size', 'ETag'];

/** An inventory that cannot be used. */
export class InventoryError extends UploadLedgerError {
  override readonly name = 'InventoryError';

  constructor(message: string, options?: ErrorOptions) {
    super('inventory-unusable', message, options);
  }
}

/**
 * Reads `manifest.json` of an S3 Inventory in CSV. Source: Amazon S3 User Guide, "Locating your inventory list".
 *
 * @throws {InventoryError} that says what is missing.
 */
export function parseManifest(text: string): InventoryManifest {
  const { sourceBucket, destinationBucket, fileFormat, fileSchema, files } = fieldsOf(text);
  if (typeof sourceBucket !== 'string' || typeof destinationBucket !== 'string' || !Array.isArray(files)) {
    throw new InventoryError('expected the manifest.json of an S3 Inventory, got something else');
  }
  if (fileFormat !== 'CSV') {
    throw new InventoryError(
      `expected an inventory in CSV, got ${String(fileFormat).slice(0, 20)}: configure one in CSV`,
    );
  }
  const fields = String(fileSchema).split(/,\s*/);
  const missing = REQUIRED_FIELDS.filter((name) => !fields.includes(name));
  if (missing.length > 0) {
    throw new InventoryError(
      `the inventory lacks ${missing.join(', ')}: add them to its optional fields, and wait for the next one`,
    );
  }
  return {
    sourceBucket,
    bucket: destinationBucket.replace(/^arn:[^:]+:s3:::/, ''),
    fields,
    files: files.map((file) => ({ key: String(file?.key), size: Number(file?.size) || 0 })),
  };
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch (cause) {
    throw new InventoryError('expected the manifest.json of an S3 Inventory, got something that is not JSON', {
      cause,
    });
  }
}

const ROWS_A_PAGE = 1000;

export interface InventoryOptions {
  readonly client: Pick<S3Client, 'send'>;
  /** Where `manifest.json` is. */
  readonly manifest: { readonly bucket: string; readonly key: string };
  /** Called when a file of the inventory has been read, with the part of all bytes that is read: 0 to 1. */
  readonly onFile?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/** @throws {InventoryError} when it is no manifest of a CSV inventory with what a record needs; the SDK's errors. */
export async function readManifest({ client, manifest, signal }: InventoryOptions): Promise<InventoryManifest> {
  const command = new GetObjectCommand({ Bucket: manifest.bucket, Key: manifest.key });
  const { Body } = await client.send(command, signal && { abortSignal: signal });
  return parseManifest((await Body?.transformToString()) ?? '');
}

/**
 * The objects of an S3 Inventory in its own order, some at a time. Files are read one after the other as they come from
 * S3: only the rows of a page are held.
 *
 * @throws {InventoryError} that names file and row, for a file that is broken or not there and for a row that does not
 *   fit the manifest; the SDK's errors.
 */
export async function* readInventory(
  manifest: InventoryManifest,
  options: InventoryOptions,
): AsyncGenerator<readonly BucketObject[]> {
  const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  for (const { key, size } of manifest.files) {
    let page: BucketObject[] = [];
    for await (const row of orderWithinSeconds(rowsOf(key, manifest, options))) {
      page.push(row.object);
      if (page.length < ROWS_A_PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
    read += size;
    options.onFile?.(bytes === 0 ? 1 : read / bytes);
  }
}

/** A row of an inventory. */
interface Row {
  readonly object: BucketObject;
  /** Whether the object is the current version of its key, by an inventory that says so. */
  readonly isLatest: boolean;
}

async function* rowsOf(file: string, manifest: InventoryManifest, options: InventoryOptions): AsyncGenerator<Row> {
  let row = 0;
  try {
    for await (const line of linesOf(file, manifest, options)) {
      row += 1;
      yield toRow(line, manifest);
    }
  } catch (error) {
    throw unusable(error, file, row) ?? error;
  }
}

/** The error with file and row, unless it is no fault of the inventory. */
function unusable(error: unknown, file: string, row: number): InventoryError | undefined {
  if (!(error instanceof Error)) return undefined;
  const says = (what: string) =>
    new InventoryError(`the inventory cannot be used: ${what}: take a newer one`, { cause: error });
  if (error instanceof UnreadableMessageError) return says(`row ${row} of ${file}: ${error.detail}`);
  if (error instanceof InventoryError) return says(`row ${row} of ${file}: ${error.message}`);
  if (error.name === 'NoSuchKey') return says(`${file} does not exist, though the manifest names it`);
  const isZlib = String((error as NodeJS.ErrnoException).code).startsWith('Z_');
  return isZlib ? says(`${file} is broken or not in gzip after row ${row} (${error.message})`) : undefined;
}

/**
 * S3 gives times in whole seconds. Versions of one object that share a second get milliseconds in the order in which
 * they were made, so that the ledger has them in that order: S3 lists the versions of a key from the latest on (API
 * reference of ListObjectVersions), and `IsLatest` marks the current one wherever it is.
 */
async function* orderWithinSeconds(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  let together: Row[] = [];
  for await (const row of rows) {
    const [first] = together;
    const belongs = first?.object.key === row.object.key && first.object.lastModified === row.object.lastModified;
    if (!belongs) {
      yield* withMilliseconds(together);
      together = [];
    }
    together.push(row);
  }
  yield* withMilliseconds(together);
}

/** The oldest keeps its time. Of more than a thousand in one second, the latest share a time. */
function withMilliseconds(latestFirst: readonly Row[]): readonly Row[] {
  const sorted = latestFirst.toSorted((a, b) => Number(b.isLatest) - Number(a.isLatest));
  return sorted.map(({ object, isLatest }, index) => {
    const milliseconds = Math.min(sorted.length - 1 - index, SECOND_MS - 1);
    const time = new Date(Date.parse(object.lastModified) + milliseconds);
    return { object: { ...object, lastModified: time.toISOString() }, isLatest };
  });
}

async function* linesOf(key: string, { bucket }: InventoryManifest, { client, signal }: InventoryOptions) {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key });
  const { Body } = await client.send(command, signal && { abortSignal: signal });
  const file = Body as Readable;
  const text = createGunzip();
  // readline does not report its input's errors: a broken download must not look like the end of the file.
  const failed = new Promise<never>((_, reject) => {
    for (const stream of [file, text]) stream.once('error', reject);
  });
  failed.catch(() => undefined);
  const lines = createInterface({ input: file.pipe(text), crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  const ended = new Promise<void>((resolve) => text.once('end', resolve));
  try {
    for (
      let line = await Promise.race([lines.next(), failed]);
      !line.done;
      line = await Promise.race([lines.next(), failed])
    ) {
      if (line.value !== '') yield line.value;
    }
    await Promise.race([ended, failed]);
  } finally {
    file.destroy();
  }
}

/** @throws {InventoryError} without file and row. */
function toRow(line: string, { fields }: InventoryManifest): Row {
  const cells = cellsOf(line);
  if (cells.length !== fields.length) {
    throw new InventoryError(`expected ${fields.length} cells, got ${cells.length}`);
  }
  const cell = (name: string) => cells[fields.indexOf(name)] || undefined;
  const [written, size, eTag, versionId] = [cell('LastModifiedDate'), cell('Size'), cell('ETag'), cell('VersionId')];
  const time = new Date(written ?? Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new InventoryError(`expected a time in LastModifiedDate, got ${quoted(written)}`);
  if (size !== undefined && !/^\d{1,15}$/.test(size)) {
    throw new InventoryError(`expected bytes in Size, got ${quoted(size)}`);
  }
  const object = {
    bucket: cell('Bucket') ?? '',
    key: readObjectKey(cell('Key'), 'form', 'Key'),
    ...(size !== undefined && { size: Number(size) }),
    ...(eTag !== undefined && { eTag: withoutQuotes(eTag) }),
    ...(versionId !== undefined && { versionId }),
    lastModified: time.toISOString(),
    ...(cell('IsDeleteMarker') === 'true' && { isDeleteMarker: true as const }),
  };
  return { object, isLatest: cell('IsLatest') === 'true' };
}

/** The cells of a row of CSV. Keys are URL-encoded, so that no cell holds a line's end. */
function cellsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, quoted, plain = '']) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}
