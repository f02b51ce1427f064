import { HOUR_MS } from '../../../../src/shared/time.ts';
import { EVENT_FAULTS } from '../plans/trouble.ts';
import { type Publishing, TABLE_ARN } from '../publishing.ts';
import type { StoredItem } from '../services/dynamodb/stored-item.ts';
import type { StreamRecord } from '../services/dynamodb/table-stream.ts';
import type { AcceptedEvent } from '../services/simulated-eventbridge.ts';
import type { World } from '../world.ts';
import { timeOf } from './model.ts';
import { MAX_VIOLATIONS, type Violation } from './violation.ts';

/** What docs/events.md says of an outage: nothing is given up before. */
const TRIED_MS = 23 * HOUR_MS;
/** What a call to EventBridge, and a batch of the publisher, can repeat. */
const CALL_ENTRIES = 10;
const BATCH_RECORDS = 100;

/** An event, with the key of its item. */
interface PublishedEvent extends Omit<AcceptedEvent, 'detail'> {
  readonly key: string;
  readonly detail: Detail;
}

interface Detail {
  readonly id: string;
  readonly record?: Readonly<Record<string, string | number>>;
  readonly alert?: { readonly objects: readonly Readonly<Record<'s3_bucket' | 's3_key' | 'upload_id', string>>[] };
}

/** Some records of a shard, as the queue of failures names them. */
interface GivenUp {
  readonly at: number;
  readonly lastArrival: number;
  readonly records: readonly StreamRecord[];
}

/** Holds the bus and the publisher's failures against what was put into the table, as docs/events.md says what is announced. */
export function checkEvents(world: World): Violation[] {
  const { publishing } = world;
  if (publishing === undefined) return [];
  const inserted = publishing.inserted.filter(({ stored }) => isAnnounced(stored, world.deployment.announceBackfill));
  const events = Map.groupBy(publishing.bus.accepted.map(toPublished), ({ key }) => key);
  const givenUp = readGivenUp(publishing, inserted);
  const byKey = Map.groupBy(inserted, ({ stored }) => keyOf(stored));
  return [
    ...checkAnnounced(inserted, events, givenUp),
    ...checkAlertsAndDigests(world, byKey),
    ...checkFounded(events, byKey),
    ...checkIds(events),
    ...checkRepeats(events, byKey, world),
    ...givenUp.flatMap(checkTried),
  ].slice(0, MAX_VIOLATIONS);
}

/** How many items the queue of failures names. */
export function countGivenUp(publishing: Publishing): number {
  return readGivenUp(publishing, publishing.inserted).reduce((sum, { records }) => sum + records.length, 0);
}

function isAnnounced(stored: StoredItem, announceBackfill: boolean): boolean {
  if (stored.partitionKey.startsWith('event#')) return true;
  return stored.partitionKey.includes('/') && (announceBackfill || stored.text('source') === 'notification');
}

function keyOf({ partitionKey, sortKey }: Pick<StoredItem, 'partitionKey' | 'sortKey'>): string {
  return JSON.stringify([partitionKey, sortKey]);
}

function toPublished({ detail: text, ...event }: AcceptedEvent): PublishedEvent {
  const detail: Detail = JSON.parse(text);
  const { id, record } = detail;
  const [partitionKey, sortKey] = record ? [record.s3_object, record.upload_id] : [`event#${event.type}`, id];
  return { ...event, detail, key: JSON.stringify([partitionKey, sortKey]) };
}

function readGivenUp({ failures }: Publishing, inserted: readonly StreamRecord[]): GivenUp[] {
  return [...failures.all()].map(({ body }) => {
    const { timestamp, DDBStreamBatchInfo: named } = JSON.parse(body);
    const { shardId, startSequenceNumber: first, endSequenceNumber: last, approximateArrivalOfLastRecord } = named;
    const isNamed = (one: StreamRecord) =>
      one.shardId === shardId && one.sequenceNumber >= first && one.sequenceNumber <= last;
    const lastArrival = Date.parse(approximateArrivalOfLastRecord);
    return { at: Date.parse(timestamp), lastArrival, records: inserted.filter(isNamed) };
  });
}

/** Each new record, alert and digest has an event, or is named as given up. */
function checkAnnounced(
  inserted: readonly StreamRecord[],
  events: ReadonlyMap<string, readonly PublishedEvent[]>,
  givenUp: readonly GivenUp[],
): Violation[] {
  const named = new Set(givenUp.flatMap(({ records }) => records));
  const silent = inserted.filter((record) => {
    const own = events.get(keyOf(record.stored)) ?? [];
    return !named.has(record) && !own.some(({ at }) => at >= record.at);
  });
  return silent.map(({ stored, at }) => {
    const what = `${keyOf(stored)} was put at ${timeOf(at)}, and has no event and no message in the queue of failures`;
    const object = stored.text('s3_key') === undefined ? {} : { object: stored.partitionKey };
    return { promise: 'every record is announced', what, ...object };
  });
}

/** Alerts of recorded batches and digests whose emails were sent are in the table under their ids. */
function checkAlertsAndDigests({ seen }: World, inserted: ReadonlyMap<string, readonly StreamRecord[]>): Violation[] {
  const sent = seen.alerts
    .filter(({ alert }) => alert.since === undefined)
    .map(({ alert: { id }, at }) => ({ id, at }));
  const alerts = [...seen.alertEvents, ...sent].map((one) => ({ ...one, partitionKey: 'event#AlertRaised' }));
  const digests = seen.digests.map(({ at, digest: { name, since, until } }) => {
    return { id: `${name}/${since}/${until}`, at, partitionKey: 'event#DigestReady' };
  });
  const isThere = ({ partitionKey, id, at }: (typeof alerts)[number]) =>
    inserted.get(keyOf({ partitionKey, sortKey: id }))?.some((record) => record.at <= at) ?? false;
  const missing = [...alerts, ...digests].filter((one) => !isThere(one));
  return missing.map(({ partitionKey, id, at }) => {
    const what = `${partitionKey} ${id} was not in the table at ${timeOf(at)}, when its batch was done or its email was sent`;
    return { promise: 'every record is announced', what };
  });
}

/** Each event is that of an item that was put before, with its attributes. */
function checkFounded(
  events: ReadonlyMap<string, readonly PublishedEvent[]>,
  inserted: ReadonlyMap<string, readonly StreamRecord[]>,
): Violation[] {
  const isFounded = (event: PublishedEvent) =>
    event.source === 'upload-ledger' &&
    event.resources.join() === TABLE_ARN &&
    (event.detail.alert?.objects ?? []).every((one) =>
      inserted.has(keyOf({ partitionKey: `${one.s3_bucket}/${one.s3_key}`, sortKey: one.upload_id })),
    ) &&
    (inserted.get(event.key) ?? []).some((record) => record.at <= event.at && tellsOf(event, record));
  const unfounded = [...events.values()].flat().filter((event) => !isFounded(event));
  return unfounded.map(({ type, key, at, detail }) => {
    const what = `${type} ${key} at ${timeOf(at)} is of no item that was put: ${JSON.stringify(detail).slice(0, 300)}`;
    return { promise: 'only what happened is announced', what };
  });
}

const TYPES: Readonly<Record<string, string>> = {
  uploaded: 'UploadRecorded',
  deleted: 'DeleteRecorded',
  restored: 'RestoreRecorded',
};

function tellsOf({ type, detail }: PublishedEvent, { item }: StreamRecord): boolean {
  if (detail.record === undefined) return item.event_detail?.S === JSON.stringify(detail);
  const { day_shard: _day, uploader_shard: _uploader, ...own } = item;
  const expected = Object.entries(own).map(([name, { S, N }]) => [name, S ?? Number(N)] as const);
  const isEqual = expected.every(([name, value]) => detail.record?.[name] === value);
  return isEqual && Object.keys(detail.record).length === expected.length && type === TYPES[item.status?.S ?? ''];
}

/** The events of one item have one id, which no other has. */
function checkIds(events: ReadonlyMap<string, readonly PublishedEvent[]>): Violation[] {
  const keys = new Map<string, string>();
  return [...events.values()].flat().flatMap(({ key, type, detail: { id } }) => {
    const [first = key, firstId = id] = [keys.get(`${type} ${id}`), keys.get(key)];
    keys.set(`${type} ${id}`, key).set(key, id);
    if (first === key && firstId === id) return [];
    return [
      { promise: 'a record is announced once', what: `the ids ${firstId} and ${id} are those of ${first} and ${key}` },
    ];
  });
}

/** Only a lost answer, a call that was taken in part, and an invocation that did not end by itself repeat events. */
function checkRepeats(
  events: ReadonlyMap<string, readonly PublishedEvent[]>,
  inserted: ReadonlyMap<string, readonly StreamRecord[]>,
  { faults, publishing }: World,
): Violation[] {
  let repeats = 0;
  for (const [key, own] of events) repeats += Math.max(0, own.length - (inserted.get(key)?.length ?? 0));
  const calls = (faults.get(EVENT_FAULTS.answerLost) ?? 0) + (faults.get(EVENT_FAULTS.entries) ?? 0);
  const max = calls * CALL_ENTRIES + (publishing?.mapping.failures ?? 0) * BATCH_RECORDS;
  if (repeats <= max) return [];
  return [{ promise: 'a record is announced once', what: `${repeats} events came again; faults explain ${max}` }];
}

function checkTried({ at, lastArrival }: GivenUp): Violation[] {
  if (at - lastArrival >= TRIED_MS) return [];
  const what = `what was put at ${timeOf(lastArrival)} was given up at ${timeOf(at)}`;
  return [{ promise: 'what is given up is named', what }];
}
