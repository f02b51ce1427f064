/**
 * `upload-ledger/client`: reads a ledger and signs uploads, for applications. It imports neither the CDK nor the command
 * line, and of AWS's SDK only DynamoDB's client before the first upload is signed.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS } from '../contract/defaults.ts';
import { readObjectHistory, versionsOf } from '../ledger/read/object-history.ts';
import type { ReaderTable } from '../ledger/read/query.ts';
import { type LedgerReader, ledgerReader } from '../ledger/read/reader.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { errorMessage, UploadLedgerError } from '../shared/errors.ts';
import { optional } from '../shared/validation.ts';
import { aSignal, aText, aWholeNumber, checkFields } from './checks.ts';
import type { Ledger, LedgerObject } from './ledger.ts';
import { presignUpload } from './presign-upload.ts';
import { findUploads } from './uploads.ts';
import { readUsage } from './usage.ts';

export type { LedgerEventType } from '../contract/events.ts';
export type { Category, ContentTypeSource, UploaderSource, UploadStatus } from '../contract/uploads.ts';
export type {
  AlertEventDetail,
  DigestEventDetail,
  EventRecord,
  LedgerEventDetails,
  RecordEventDetail,
} from '../events/event.ts';
export type { ObjectVersion } from '../ledger/read/object-history.ts';
export type { LedgerRecord, RecordSource } from '../ledger/record.ts';
export { UploadLedgerError } from '../shared/errors.ts';
export { LedgerQueryError } from './checks.ts';
export type { Ledger, LedgerObject } from './ledger.ts';
export type { PresignedUpload, UploadRequest } from './presign-upload.ts';
export type { RecordsQuery, Uploads, UploadsPage, UploadsQuery } from './uploads.ts';
export type { Usage, UsageQuery } from './usage.ts';

export interface LedgerOptions {
  /** The stack's output `TableName`; of the construct, `ledger.table.tableName`. */
  readonly tableName: string;
  /**
   * The stack's setting `indexShards`, its output `IndexShards`. With fewer, records of the other shards are missing from
   * every answer; more only cost queries. @default 8, as the setting
   */
  readonly indexShards?: number | undefined;
  /**
   * A `DynamoDBDocumentClient` or `DynamoDBClient` of the program's own, of SDK 3.1164 or newer.
   * @default one that takes Region, credentials and endpoint from the environment
   */
  readonly client?: ReaderTable['client'] | undefined;
  /**
   * Signs uploads; made with `requestChecksumCalculation: 'WHEN_REQUIRED'`.
   * @default one that takes Region, credentials and endpoint from the environment
   */
  readonly s3?: S3Client | undefined;
}

/** Records of an object that are given at most. */
const MAX_HISTORY = 1000;

/** More than DynamoDB partitions that anybody needs; a typo is no reason for a million queries. */
const MAX_SHARDS = 100;

const isClient = (value: unknown) =>
  typeof (value as { send?: unknown } | null)?.send === 'function' ? undefined : 'expected a client of AWS’s SDK';

const OPTION_CHECKS = {
  tableName: aText,
  indexShards: optional(aWholeNumber(1, MAX_SHARDS)),
  client: optional(isClient),
  s3: optional(isClient),
};

/**
 * The ledger in a table. Opens no connection before it is asked something.
 *
 * @param clock Of tests.
 * @throws {LedgerQueryError}
 * @example
 * import { createLedger } from 'upload-ledger/client';
 * const ledger = createLedger({ tableName: 'UploadLedger-Table-1A2B3C' });
 */
export function createLedger(options: LedgerOptions, clock: Pick<Clock, 'now'> = systemClock): Ledger {
  checkFields('createLedger', options, OPTION_CHECKS);
  const { tableName, indexShards = DEFAULTS.indexShards } = options;
  const own: Closable[] = [];
  const client = options.client ?? keep(new DynamoDBClient(), own);
  let ownS3: S3Client | undefined;
  const signer = async () => {
    if (options.s3 !== undefined) return options.s3;
    ownS3 ??= keep(await makeS3Client(), own);
    return ownS3;
  };
  const reader = explainingReader(ledgerReader({ client, tableName, indexShards }), tableName);
  const now = () => clock.now();
  return {
    uploads: (query = {}) => findUploads(reader, query, now),
    object: (bucket, key, { signal } = {}) => readObject(reader, { bucket, key, signal }),
    usage: async (query) => readUsage(reader, query, now()),
    presignUpload: async (upload) => presignUpload(signer, upload),
    close: () => {
      for (const made of own.splice(0)) made.destroy();
    },
  };
}

interface Closable {
  destroy(): void;
}

function keep<Client extends Closable>(client: Client, own: Closable[]): Client {
  own.push(client);
  return client;
}

async function makeS3Client(): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  return new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
}

interface AskedObject {
  readonly bucket: string;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
}

async function readObject(reader: Reads, asked: AskedObject): Promise<LedgerObject | undefined> {
  checkFields('object', asked, { bucket: aText, key: aText, signal: optional(aSignal) });
  const known = await readObjectHistory(reader, asked, { max: MAX_HISTORY, signal: asked.signal });
  if (known === undefined) return undefined;
  const { state, records: history, isCut } = known;
  return { ...state, history, versions: versionsOf(known), isCut };
}

type Reads = Pick<LedgerReader, 'newest' | 'byUploader' | 'history'>;

/** The reader, with errors that say what to do where the SDK's do not. */
function explainingReader(reader: LedgerReader, tableName: string): Reads {
  async function* explaining(records: AsyncGenerator<LedgerRecord>): AsyncGenerator<LedgerRecord> {
    try {
      yield* records;
    } catch (error) {
      throw explained(error, tableName);
    }
  }
  return {
    newest: (options) => explaining(reader.newest(options)),
    byUploader: (uploader, options) => explaining(reader.byUploader(uploader, options)),
    history: (bucket, key, options) => explaining(reader.history(bucket, key, options)),
  };
}

function explained(error: unknown, tableName: string): unknown {
  const table = JSON.stringify(tableName);
  switch (error instanceof Error && error.name) {
    case 'ResourceNotFoundException':
      return new UploadLedgerError(
        'table-not-found',
        `expected the table ${table} with its indexes in the client's Region and account, and there is none: take the name from the stack's output TableName`,
        { cause: error },
      );
    case 'AccessDeniedException':
      return new UploadLedgerError(
        'access-denied',
        `expected permission to query the table ${table} and its indexes: grantRead of the construct gives it (${errorMessage(error)})`,
        { cause: error },
      );
    default:
      return error;
  }
}
