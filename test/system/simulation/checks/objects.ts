import { currentState } from '../../../../src/ledger/current-state.ts';
import { ledgerReader } from '../../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { limitConcurrency } from '../../../../src/shared/concurrency.ts';
import { hasOperator } from '../plans/plan.ts';
import type { S3Event } from '../services/simulated-s3.ts';
import type { World } from '../world.ts';
import { isRecordOf, mustBeRecorded, overtakenVersions, sharesSequencer, type TrackedEvent, timeOf } from './model.ts';
import { MAX_VIOLATIONS, type Violation } from './violation.ts';

/** Objects whose history is read. Those to which most has happened come first. */
const MAX_OBJECTS = 2_000;

/**
 * Reads objects as `show` and the console do, and compares what a user concludes with what S3 has: the order of the history, and
 * whether the object is there, in which version. Objects of which the ledger rightly lacks something are left out. Of those whose versions no
 * event puts into S3's order, a repair has to find the current one.
 */
export async function checkObjects(world: World): Promise<Violation[]> {
  const { model, table, deployment } = world;
  const reader = ledgerReader({ client: table.client, tableName: table.name, indexShards: deployment.indexShards });
  const limited = limitConcurrency(16);
  const objects = [...model.objects()]
    .filter((object) => model.eventsOf(object).every(mustBeRecorded))
    .sort((a, b) => model.eventsOf(b).length - model.eventsOf(a).length)
    .slice(0, MAX_OBJECTS);
  const found = await Promise.all(
    objects.map((object) =>
      limited(async () => {
        const key = object.slice(world.bucket.name.length + 1);
        const history: LedgerRecord[] = [];
        for await (const record of reader.history(world.bucket.name, key)) history.push(record);
        const events = model.eventsOf(object);
        const isTold = hasOperator(world.options) || overtakenVersions(events.map(({ event }) => event)).length === 0;
        return [
          ...checkOrder(object, events, history),
          ...(isTold ? await checkState(object, key, world, history) : []),
        ];
      }),
    ),
  );
  return found.flat().slice(0, 2 * MAX_VIOLATIONS);
}

/**
 * "An object's history is in the order in which S3 made the changes", as far as S3 tells: by sequencers for what was requested, else by
 * time. What is missing is told by another check.
 */
function checkOrder(object: string, events: readonly TrackedEvent[], history: readonly LedgerRecord[]): Violation[] {
  const left = events.map(({ event }) => event);
  const told = history.flatMap((record) => {
    const at = left.findIndex((event) => isRecordOf(record, event));
    return at < 0 ? [] : left.splice(at, 1);
  });
  const wrong = told.find((event, index) => {
    const before = told[index - 1];
    return before !== undefined && isBefore(event, before);
  });
  if (wrong === undefined) return [];
  const shares = events.some((tracked) => sharesSequencer(tracked, events));
  const what = `the history has ${wrong.eventName} of ${timeOf(wrong.at)} after what came later`;
  return [{ promise: 'histories are in order', object, what, ...(shares && { because: 'shared-sequencer' }) }];
}

function isBefore(a: S3Event, b: S3Event): boolean {
  if (timeOf(a.at) !== timeOf(b.at)) return a.at < b.at;
  const areRequests = [a, b].every(({ eventName }) => /^Object(Created|Removed):/.test(eventName));
  return areRequests && a.version.sequencer < b.version.sequencer;
}

/** What a user takes for the object's state: what `show` prints above the history. */
async function concluded(history: readonly LedgerRecord[]): Promise<string> {
  const state = await currentState(history.toReversed());
  return state?.exists ? versionText(state.record.version_id, state.record.filesize) : 'nothing';
}

function versionText(version: string | undefined, size: number | undefined): string {
  return `${version === undefined ? '' : `version ${version}, `}${size} bytes`;
}

async function checkState(
  object: string,
  key: string,
  world: World,
  history: readonly LedgerRecord[],
): Promise<Violation[]> {
  const current = world.bucket.current(key);
  const expected = current === undefined ? 'nothing' : versionText(current.versionId, current.size);
  const actual = await concluded(history);
  if (actual === expected) return [];
  const events = world.model.eventsOf(object);
  const because = events.some(isVersionDelete)
    ? ('version-deleted' as const)
    : events.some((tracked) => sharesSequencer(tracked, events))
      ? ('shared-sequencer' as const)
      : undefined;
  const what = `the bucket has ${expected}; a reader of the ledger concludes ${actual}`;
  return [{ promise: 'the current state is right', object, what, ...(because !== undefined && { because }) }];
}

/** In a bucket with versions, `:Delete` tells of one version or one delete marker, and not of the object. */
export function isVersionDelete({ event: { eventName, version } }: TrackedEvent): boolean {
  return eventName.endsWith(':Delete') && version.versionId !== undefined;
}
