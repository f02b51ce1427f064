import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { UploaderSource } from '../../contract/uploads.ts';
import type { Clock } from '../../shared/clock.ts';
import { limitConcurrency } from '../../shared/concurrency.ts';
import { retry } from '../../shared/retry.ts';
import { fromItem, toItem } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import { toKeyText } from '../record-key.ts';
import {
  callFailed,
  notStoredInTime,
  REFUSED_CALL,
  RecordNotStoredError,
  refused,
  THROTTLED_CALL,
} from './put-errors.ts';
import { type LedgerWriter, reserveOf } from './writer.ts';

/** Calls at a time. */
const CONCURRENCY = 32;

/** Uploaders of this source cannot be found again once the object was replaced or deleted. */
const BETTER: UploaderSource = 'metadata';

export interface PutUnlessBetterOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The writer of this invocation. */
  readonly ledger: Pick<LedgerWriter, 'outcomeOf'>;
  readonly clock: Clock;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
}

/**
 * Stores a record, unless the table has one of the same key with the uploader that the object's metadata named.
 *
 * BatchWriteItem knows no conditions, so each of these records takes a call of its own.
 *
 * @returns The record that is in the table now; undefined when the same key was already put in this invocation.
 * @throws {RecordNotStoredError} when the record was not stored and a later try can store it.
 * @throws {RecordRefusedError} when no retry can store it.
 */
export type PutUnlessBetter = (record: LedgerRecord) => Promise<LedgerRecord | undefined>;

/** For one invocation. After one record could not be stored, the rest fail without a call: each would take seconds. */
export function createPutUnlessBetter(options: PutUnlessBetterOptions): PutUnlessBetter {
  const { clock, ledger, remainingMilliseconds } = options;
  const limited = limitConcurrency(CONCURRENCY);
  const puts = new Map<string, Promise<LedgerRecord>>();
  const remaining = remainingMilliseconds();
  const deadline = clock.now() + remaining - reserveOf(remaining);
  let firstFailure: RecordNotStoredError | undefined;
  const put = async (record: LedgerRecord) => {
    if (firstFailure !== undefined) throw firstFailure;
    try {
      return await putItem(record, deadline, options);
    } catch (error) {
      if (error instanceof RecordNotStoredError) firstFailure = error;
      throw error;
    }
  };
  return async (record) => {
    // The records of this turn of the event loop are with the writer then.
    await new Promise((resolve) => setImmediate(resolve));
    const keyText = toKeyText(record);
    const other = ledger.outcomeOf(record) ?? puts.get(keyText);
    if (other !== undefined) {
      await other;
      return undefined;
    }
    const outcome = limited(() => put(record));
    puts.set(keyText, outcome);
    return outcome;
  };
}

async function putItem(
  record: LedgerRecord,
  deadline: number,
  { client, tableName, clock }: PutUnlessBetterOptions,
): Promise<LedgerRecord> {
  const command = new PutItemCommand({
    TableName: tableName,
    Item: toItem(record),
    ConditionExpression: 'attribute_not_exists(uploader_source) OR uploader_source <> :better',
    ExpressionAttributeValues: { ':better': { S: BETTER } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  let isAborted = () => false;
  const send = (abortSignal: AbortSignal) => {
    isAborted = () => abortSignal.aborted;
    return client.send(command, { abortSignal });
  };
  try {
    await retry(send, { clock, deadline, isRetryable: (error) => isNamed(error, THROTTLED_CALL) });
    return record;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException)
      return error.Item === undefined ? record : fromItem(error.Item);
    // A timer can be ahead of the clock by a part of a millisecond.
    if (isAborted() || clock.now() >= deadline || isNamed(error, THROTTLED_CALL)) throw notStoredInTime(error);
    throw isNamed(error, REFUSED_CALL) ? refused(error) : callFailed(error);
  }
}

function isNamed(error: unknown, names: ReadonlySet<string>): error is Error {
  return error instanceof Error && names.has(error.name);
}
