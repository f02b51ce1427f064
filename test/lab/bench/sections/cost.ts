import { DEFAULTS } from '../../../../src/contract/defaults.ts';
import { LIMITS } from '../../../../src/contract/limits.ts';
import { MEMORY_OF_ONE_CPU, PRICES } from '../../../../src/estimate/prices.ts';
import { spreadOf } from '../statistics.ts';
import type { Samples } from './compare.ts';
import { writeUnitsOf } from './item-size.ts';
import type { StoredBatch } from './same-records.ts';

/** US dollars for a million uploads, by what they are paid for. */
export interface Cost {
  readonly queue: number;
  readonly table: number;
  readonly function: number;
  readonly logs: number;
  readonly emails: number;
}

export interface Costs {
  /** By default: without email. */
  readonly ours: Cost;
  /** With a digest a day, and for that a summary stored for each batch. */
  readonly oursWithDigests: Cost;
  readonly naive: Cost;
  readonly naiveWithEmails: Cost;
}

const UPLOADS = 1_000_000;
const GB = 1e9;
/** Lambda's default for an SQS queue, which is what a naive design has. Source: Lambda developer guide. */
const NAIVE_BATCH = 10;
/** A digest a day, for a million uploads a month. */
const DIGESTS = 30;

/**
 * What a million uploads cost by AWS's list prices, with batches as full as they get. Base table only: the naive
 * design has no indexes.
 *
 * Left out on both sides: S3 itself, storage, custom metrics and alarms, which cost by the month and not by the
 * upload, and what Lambda itself logs of an invocation. For the naive design also the function's time for sending
 * emails. The last two favour it.
 */
export function estimateCosts(ours: Samples, withDigests: Samples, naive: Samples, stored: StoredBatch): Costs {
  const recordUnits = stored.records.reduce((sum, item) => sum + writeUnitsOf(item), 0) / stored.records.length;
  const summaryUnits = stored.summaries.reduce((sum, item) => sum + writeUnitsOf(item), 0) / stored.records.length;
  const naiveCost = costOf(naive, NAIVE_BATCH, recordUnits, 0);
  return {
    ours: costOf(ours, DEFAULTS.batchSize, recordUnits, 0),
    oursWithDigests: costOf(withDigests, DEFAULTS.batchSize, recordUnits + summaryUnits, DIGESTS),
    naive: naiveCost,
    naiveWithEmails: { ...naiveCost, emails: UPLOADS * PRICES.ses.email },
  };
}

export function totalOf(cost: Cost): number {
  return Object.values(cost).reduce((sum, part) => sum + part, 0);
}

function costOf(samples: Samples, batchSize: number, writeUnits: number, emails: number): Cost {
  const invocations = UPLOADS / batchSize;
  const logBytes = spreadOf(samples.log).median * UPLOADS;
  const gbSeconds = secondsOf(samples) * UPLOADS * (DEFAULTS.memoryMb / 1_024);
  // S3 sends every message by itself; Lambda receives and deletes ten at a time.
  const requests = UPLOADS * (1 + 2 / LIMITS.sqs.batchEntries);
  return {
    queue: requests * PRICES.sqs.request,
    table: writeUnits * UPLOADS * PRICES.dynamodb.writeUnit,
    function: invocations * PRICES.lambda.request + gbSeconds * PRICES.lambda.gbSecond,
    logs: (logBytes / GB) * PRICES.cloudwatch.logGb,
    emails: emails * PRICES.ses.email,
  };
}

/**
 * Seconds a message: as measured with a table that answers after 5 ms, and longer by what less than a full CPU adds.
 */
function secondsOf({ messagesPerSecond, cpu }: Samples): number {
  const share = DEFAULTS.memoryMb / MEMORY_OF_ONE_CPU;
  return 1 / spreadOf(messagesPerSecond).median + (spreadOf(cpu).median / 1e6) * (1 / share - 1);
}
