import { isDeepStrictEqual } from 'node:util';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { reconcile } from '../../../../src/ledger/reconcile/reconcile.ts';
import type { Finding } from '../../../../src/ledger/reconcile/report.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { seededRandom } from '../../../../src/shared/seeded-random.ts';
import type { ModelItem } from '../model-record.ts';
import type { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { readItems, textOf } from './check-records.ts';

/** Share of the objects whose last event S3 is said never to have delivered. */
const LOST = 0.03;

/** What S3 never told of: the last event of an object, a create or a delete. */
interface Lost {
  readonly object: string;
  readonly item: ModelItem;
}

/**
 * Holds the bucket against the ledger with the product's own reconciliation, after some of the records have been taken away as if S3 had
 * not delivered their events: it must find those and nothing else, and put them right.
 *
 * @returns how many were taken away, and what is wrong.
 */
export async function checkReconcile(world: World, model: ReadonlyMap<string, ModelItem>, seed: number) {
  const lost = drawLost(world, model, seed);
  await Promise.all(lost.map((one) => takeAway(world, one)));
  const findings = await reconciled(world);
  const items = Map.groupBy(await readItems(world.clients.dynamodb, world.stack.tableName), objectOf);
  const told = new Map(findings.map((finding) => [`${finding.bucket}/${finding.key}`, finding]));
  const wrong = lost.flatMap(({ object, item }): Violation[] => {
    const kind = told.get(object)?.kind ?? 'not';
    told.delete(object);
    const wanted = textOf(item, 'status') === 'deleted' ? 'gone' : 'missing';
    const found = kind === wanted ? [] : [{ object, what: `was found to be ${kind}, must be ${wanted}` }];
    const isBack = (items.get(object) ?? []).some((other) => saysTheSame(other, item));
    return isBack ? found : [...found, { object, what: `has no record again of ${JSON.stringify(item)}` }];
  });
  const tooMany = [...told].map(([object, { kind }]) => ({ object, what: `was found to be ${kind}, and is recorded` }));
  return { lost: lost.length, violations: [...wrong, ...tooMany] };
}

/**
 * Objects that were uploaded once and never touched again, and such as were deleted in the end: of others an earlier event can hide that the
 * last one is missing.
 */
function drawLost({ stack }: World, model: ReadonlyMap<string, ModelItem>, seed: number): readonly Lost[] {
  const random = seededRandom(seed + 2_000_003);
  const ours = [...model.values()].filter((item) => textOf(item, 's3_bucket') === stack.bucketName);
  return [...Map.groupBy(ours, objectOf)].flatMap(([object, history]) => {
    const item = history.toSorted((a, b) => (textOf(a, 'upload_id') < textOf(b, 'upload_id') ? -1 : 1)).at(-1);
    if (item === undefined || random() >= LOST) return [];
    return history.length === 1 || textOf(item, 'status') === 'deleted' ? [{ object, item }] : [];
  });
}

async function takeAway({ clients, stack }: World, { item }: Lost): Promise<void> {
  const { s3_object, upload_id } = item as Record<'s3_object' | 'upload_id', { readonly S: string }>;
  await clients.dynamodb.send(new DeleteItemCommand({ TableName: stack.tableName, Key: { s3_object, upload_id } }));
}

async function reconciled({ clients, stack }: World): Promise<readonly Finding[]> {
  const { bucketName: bucket, tableName, indexShards } = stack;
  return Array.fromAsync(
    reconcile({
      table: { client: clients.dynamodb, tableName, indexShards, onUnreadable: () => undefined },
      client: clients.s3,
      bucket,
      settings: { uploads: {}, records: { indexShards, source: 'reconcile' } },
      repair: true,
      graceMilliseconds: 0,
      startedAt: new Date(),
      clock: systemClock,
    }),
  );
}

/** What the bucket still knows of the event: neither who it was, nor to the millisecond when; of a delete, not even what it was. */
function saysTheSame(found: ModelItem, lost: ModelItem): boolean {
  const names = ['s3_bucket', 's3_key', 'filename', 'filesize', 'etag', 'status', 'content_type', 'category'];
  return textOf(found, 'source') === 'reconcile' && names.every((name) => isDeepStrictEqual(found[name], lost[name]));
}

function objectOf(item: ModelItem): string {
  return textOf(item, 's3_object');
}
