import { OUTBOX } from '../../src/contract/events.ts';
import { TABLE } from '../../src/contract/table.ts';

/** How Lambda hands the table's stream to the publisher. */
export const PUBLISHER_MAPPING = {
  timeoutSeconds: 30,
  /** Ten PutEvents calls. */
  batchSize: 100,
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
  /**
   * How long Lambda tries to have an event published. The stream keeps its records for 24 hours: what is given up one hour
   * before is named in the queue of failures; what the stream dropped would be named nowhere.
   */
  maxRecordAgeHours: 23,
} as const;

interface Announced {
  /** Whether there are digests or alerts. */
  readonly email: boolean;
  /** Whether records that a command has written are announced. */
  readonly backfill: boolean;
}

/**
 * The stream records that Lambda hands to the function: new ledger records, of which alone an index has the key, and the
 * other events that wait in the table. Nothing else invokes it: no summary, no watermark, no change and no removal.
 */
export function announcedPatterns({ email, backfill }: Announced): readonly object[] {
  const isThere = { S: [{ exists: true }] };
  const records = backfill ? {} : { source: { S: ['notification'] } };
  const inserted = (image: object) => ({ eventName: ['INSERT'], dynamodb: { NewImage: image } });
  return [
    inserted({ [TABLE.byDay.partitionKey]: isThere, ...records }),
    ...(email ? [inserted({ [OUTBOX.type]: isThere })] : []),
  ];
}
