import type { Finding } from '../../../../src/ledger/reconcile/report.ts';
import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { reconcileBucket } from '../product.ts';
import type { World } from '../world.ts';
import { sharesSequencer } from './model.ts';
import { isVersionDelete } from './objects.ts';
import { type Cause, MAX_VIOLATIONS, type Violation } from './violation.ts';

const PROMISE = 'reconcile finds what is wrong and nothing else';

/**
 * Runs `reconcile` and holds its findings against what its documentation calls one: an object of which no record tells what is there
 * now, and an object that is gone with no record of its going.
 */
export async function checkReconcile(world: World): Promise<Violation[]> {
  const { model, bucket } = world;
  // Nothing is on its way any more: so nothing is too recent to tell.
  const findings = await reconcileBucket(world, { repair: false, graceMilliseconds: 0 });
  const found = new Set(findings.map(({ key }) => key));
  const violations: Violation[] = [];
  for (const object of model.objects()) {
    const key = object.slice(bucket.name.length + 1);
    const expected = expectedFinding(world, object, key);
    if (expected === 'either' || (expected !== undefined) === found.has(key)) continue;
    const what = expected === undefined ? 'reconcile finds fault with it, and it is right' : `${expected}, not found`;
    const because = whyWrong(world, object);
    violations.push({ promise: PROMISE, object, what, ...(because !== undefined && { because }) });
    if (violations.length >= MAX_VIOLATIONS) break;
  }
  return violations;
}

/** `either`: docs/guarantees.md leaves it open. */
function expectedFinding(
  { bucket, table }: World,
  object: string,
  key: string,
): Finding['kind'] | 'either' | undefined {
  const records = table.recordsOf(object);
  const current = bucket.current(key);
  const concluded = concludedVersion(records);
  if (current === undefined) return concluded === undefined ? undefined : 'gone';
  const isCurrent = ({ etag, filesize }: LedgerRecord) => etag === current.eTag && filesize === current.size;
  const isNamed = concluded !== undefined && isCurrent(concluded);
  const uploads = records.filter((record) => record.status === 'uploaded' && isCurrent(record));
  if (uploads.length === 0) return 'missing';
  if (current.versionId === undefined) return undefined;
  const isRecorded = uploads.some(({ version_id = current.versionId }) => version_id === current.versionId);
  // Only another version of equal content is recorded, which a listing does not tell apart.
  if (!isRecorded) return isNamed ? 'either' : 'missing';
  return isNamed ? undefined : 'reverted';
}

/**
 * The record of the version that is current by the records: S3's rules for versions and delete markers, applied to them in the order of
 * their times. Undefined: the object is not there.
 */
function concludedVersion(records: readonly LedgerRecord[]): LedgerRecord | undefined {
  let versions: LedgerRecord[] = [];
  for (const record of records.toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))) {
    const { status, event_name, version_id: id } = record;
    // What is restored is there, whether or not its creation was recorded.
    if (status === 'restored' && versions.some((version) => version.version_id === id)) continue;
    if (status !== 'deleted') versions = id === undefined ? [record] : [...versions, record];
    else if (event_name.endsWith(':DeleteMarkerCreated')) versions.push(record);
    else versions = id === undefined ? [] : versions.filter((version) => version.version_id !== id);
  }
  const last = versions.at(-1);
  return last?.status === 'deleted' ? undefined : last;
}

function whyWrong({ model }: World, object: string): Cause | undefined {
  const events = model.eventsOf(object);
  if (events.some(isVersionDelete)) return 'version-deleted';
  return events.some((tracked) => sharesSequencer(tracked, events)) ? 'shared-sequencer' : undefined;
}
