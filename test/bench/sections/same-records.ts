import { isDeepStrictEqual } from 'node:util';
import type { BenchWorld } from '../bench-world.ts';
import type { StoredItem } from '../stub/protocol.ts';
import type { Workers } from './compare.ts';

/** What ours puts into the table for one batch. */
export interface StoredBatch {
  readonly records: readonly StoredItem[];
  /** The batch's summary. */
  readonly others: readonly StoredItem[];
}

const MESSAGES = 100;

/**
 * Makes sure that all handlers store the same records for the same batch, so that their costs can be compared.
 *
 * @throws Error that names the handler which does not.
 */
export async function checkSameRecords(world: BenchWorld, workers: Workers): Promise<StoredBatch> {
  const stored = new Map<string, StoredItem[]>();
  for (const [name, worker] of workers) {
    await world.stub.behave({ keepItems: true });
    await worker.run(world.payload(MESSAGES), 1);
    const { items } = await world.stub.behave({});
    stored.set(
      name,
      items.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other))),
    );
  }
  const ours = stored.get('ours') ?? [];
  const records = ours.filter((item) => 's3_key' in item);
  for (const [name, items] of stored) {
    if (name !== 'ours' && !isDeepStrictEqual(items, records)) {
      throw new Error(`Expected ${name} to store the records that upload-ledger stores; it does not.`);
    }
  }
  return { records, others: ours.filter((item) => !('s3_key' in item)) };
}

function keyOf({ s3_object, upload_id }: StoredItem): string {
  return JSON.stringify([s3_object, upload_id]);
}
