import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { digestPartition, TABLE } from '../../contract/table.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Totals } from '../summary/batch-summary.ts';
import type { Window } from '../summary/summary-item.ts';
import type { SummaryTable } from '../summary/summary-store.ts';

/** A window that was reported whole, and its uploads: what the next one is compared with. */
interface Period extends Window {
  readonly uploads: Totals;
}

/** Up to where a digest has reported. */
export interface Covered {
  /** Where the last window ended, ISO 8601. */
  readonly until: string;
  /** The last window. Null: it began before the digest did. Absent: there was none, or an older version reported it. */
  readonly last?: Period | null;
}

/**
 * `covered_until`: up to when a digest has reported, ISO 8601. `last_period`: a {@link Period} or null, as JSON. The
 * lease: who is sending, and until when it is valid (epoch milliseconds).
 */
const NAMES = {
  '#covered': 'covered_until',
  '#last': 'last_period',
  '#owner': 'lease_owner',
  '#lease': 'lease_until',
} as const;

/** Nobody else holds the lease. Its owner passes, so that a call whose response was lost can be repeated. */
const FREE = '(attribute_not_exists(#lease) OR #lease <= :now OR #owner = :owner)';

/**
 * What the digest has reported; undefined before its first window. Reads consistently.
 *
 * @param signal Gives the call up.
 * @throws whatever the call failed with, after the client's own retries.
 */
export async function readWatermark(
  table: SummaryTable,
  digestName: string,
  signal?: AbortSignal,
): Promise<Covered | undefined> {
  const { client, tableName } = table;
  const command = new GetItemCommand({ TableName: tableName, Key: toKey(digestName), ConsistentRead: true });
  const { Item } = await client.send(command, signal && { abortSignal: signal });
  return Item && toCovered(Item);
}

function toCovered(item: Readonly<Record<string, AttributeValue>>): Covered | undefined {
  const until = item[NAMES['#covered']]?.S;
  const last = item[NAMES['#last']]?.S;
  return until === undefined ? undefined : { until, ...(last !== undefined && { last: JSON.parse(last) }) };
}

function toKey(digestName: string): Record<string, AttributeValue> {
  return { [TABLE.partitionKey]: { S: digestPartition(digestName) }, [TABLE.sortKey]: { S: 'watermark' } };
}

interface WatermarkOptions extends SummaryTable {
  readonly digestName: string;
  /** Names the try that holds the lease; unique. */
  readonly owner: string;
  readonly clock: Pick<Clock, 'now' | 'timeout'>;
  /** When every call has to be over, by the clock's `now()`: a table that does not answer must not hold up a batch. */
  readonly deadline: number;
}

/**
 * The watermark of one digest, and a lease on it by which one tick at a time sends. Every method throws whatever its
 * call failed with, after the client's own retries, or that its time was up.
 */
export class Watermark {
  readonly #options: WatermarkOptions;

  constructor(options: WatermarkOptions) {
    this.#options = options;
  }

  /** See {@link readWatermark}. */
  read(): Promise<Covered | undefined> {
    return readWatermark(this.#options, this.#options.digestName, this.#outOfTime());
  }

  /**
   * What the digest has reported; before its first window, stores `start` as where that begins. So a window that waits for more
   * uploads, or whose email fails for days, keeps its start.
   */
  async readOrSet(start: string): Promise<Covered> {
    const known = await this.read();
    if (known !== undefined) return known;
    const { client, tableName } = this.#options;
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: toKey(this.#options.digestName),
        UpdateExpression: 'SET #covered = if_not_exists(#covered, :start)',
        ExpressionAttributeNames: { '#covered': NAMES['#covered'] },
        ExpressionAttributeValues: { ':start': { S: start } },
        ReturnValues: 'ALL_NEW',
      }),
      { abortSignal: this.#outOfTime() },
    );
    return (Attributes && toCovered(Attributes)) ?? { until: start };
  }

  /** Takes the lease; false when another holds it or has moved the watermark. */
  claim(coveredUntil: string, leaseMs: number): Promise<boolean> {
    const { owner, clock } = this.#options;
    const now = clock.now();
    return this.#update(`#covered = :seen AND ${FREE}`, 'SET #owner = :owner, #lease = :lease', {
      ':seen': { S: coveredUntil },
      ':owner': { S: owner },
      ':now': { N: String(now) },
      ':lease': { N: String(now + leaseMs) },
    });
  }

  /** Releases the lease; false when it is no longer held. */
  release(): Promise<boolean> {
    return this.#update('#owner = :owner', 'REMOVE #owner, #lease', { ':owner': { S: this.#options.owner } });
  }

  /**
   * Moves the watermark to the end of the window that was reported, and releases the lease; false when another holds the
   * lease or has moved the watermark.
   */
  move({ until: seen, last }: Covered, period: Period): Promise<boolean> {
    const { owner, clock } = this.#options;
    const update = 'SET #covered = :to, #last = :last REMOVE #owner, #lease';
    return this.#update(`#covered = :seen AND ${FREE}`, update, {
      ':seen': { S: seen },
      ':to': { S: period.until },
      // The first window begins before the digest did, and perhaps before the ledger: nothing compares with it.
      ':last': { S: JSON.stringify(last === undefined ? null : period) },
      ':owner': { S: owner },
      ':now': { N: String(clock.now()) },
    });
  }

  async #update(condition: string, update: string, values: Record<string, AttributeValue>): Promise<boolean> {
    const { client, tableName } = this.#options;
    const used = Object.entries(NAMES).filter(([name]) => condition.includes(name) || update.includes(name));
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: toKey(this.#options.digestName),
      ConditionExpression: condition,
      UpdateExpression: update,
      // DynamoDB rejects names that no expression uses.
      ExpressionAttributeNames: Object.fromEntries(used),
      ExpressionAttributeValues: values,
    });
    try {
      await client.send(command, { abortSignal: this.#outOfTime() });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  #outOfTime(): AbortSignal {
    const { clock, deadline } = this.#options;
    return clock.timeout(deadline - clock.now());
  }
}
