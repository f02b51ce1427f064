import type { S3Client } from '@aws-sdk/client-s3';
import type { BucketObject } from '../../ledger/reconcile/bucket-object.ts';
import type { S3Location } from '../arguments/s3-location.ts';
import type { BackfillCommandOptions } from '../backfill.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../usage-error.ts';
import { countAhead } from './count-ahead.ts';

/** Where the objects of a backfill come from. */
export interface BackfillSource {
  readonly objects: AsyncIterable<readonly BucketObject[]>;
  /** How much of the whole so many objects make, from 0 to 1. */
  readonly part: (done: number) => number;
}

/** The objects of `location`: those that its bucket lists now, or those of an inventory. */
export async function backfillSource(
  client: S3Client,
  location: S3Location,
  { inventory, startAfter }: BackfillCommandOptions,
  { stderr, signal }: CliContext,
): Promise<BackfillSource> {
  if (inventory !== undefined) return inventorySource(client, location, inventory, signal);
  const { listBucket } = await import('../../ledger/reconcile/bucket-listing.ts');
  const { bucket, prefix } = location;
  const ahead = stderr.isTerminal ? await countAhead(client, location, signal, startAfter) : undefined;
  const objects = listBucket({
    client,
    bucket,
    ...(prefix !== undefined && { prefix }),
    ...(startAfter !== undefined && { startAfter }),
  });
  return { objects, part: (done) => ahead?.part(done) ?? 0 };
}

async function inventorySource(
  client: S3Client,
  { bucket, prefix = '' }: S3Location,
  manifest: { readonly bucket: string; readonly key: string },
  signal: AbortSignal,
): Promise<BackfillSource> {
  const { readInventory, readManifest } = await import('../../ledger/reconcile/inventory.ts');
  let part = 0;
  const onFile = (done: number) => {
    part = done;
  };
  const options = { client, manifest, onFile, signal };
  const contents = await readManifest(options);
  if (contents.sourceBucket !== bucket) {
    throw new UsageError(
      `the inventory is of the bucket "${contents.sourceBucket}", not of "${bucket}": name the one or the other`,
    );
  }
  const pages = async function* () {
    for await (const page of readInventory(contents, options)) {
      yield page.filter(({ bucket: name, key }) => name === bucket && key.startsWith(prefix));
    }
  };
  return { objects: pages(), part: () => part };
}
