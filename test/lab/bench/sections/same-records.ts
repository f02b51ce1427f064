import { isDeepStrictEqual } from 'node:util';
import type { BenchWorld } from '../bench-world.ts';
import type { StoredItem } from '../stub/protocol.ts';
import type { Workers } from './compare.ts';

/** What upload-ledger puts into the table for one batch. */
export interface StoredBatch {
  readonly records: readonly StoredItem[];
  /** With digests alone: what the batch was, one item. */
  readonly summaries: readonly StoredItem[];
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
  const records = stored.get('ours') ?? [];
  for (const [name, items] of stored) {
    if (!isDeepStrictEqual(items.filter(isRecord), records)) {
      throw new Error(`Expected ${name} to store the records that upload-ledger stores; it does not.`);
    }
  }
  const withDigests = stored.get('with-digests') ?? [];
  return { records, summaries: withDigests.filter((item) => !isRecord(item)) };
}

function isRecord(item: StoredItem): boolean {
  return 's3_key' in item;
}

function keyOf({ s3_object, upload_id }: StoredItem): string {
  return JSON.stringify([s3_object, upload_id]);
}
