import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { toKeyText } from '../../../../src/ledger/record-key.ts';
import type { SimulatedTable } from '../services/dynamodb/simulated-dynamodb.ts';
import type { S3Event } from '../services/simulated-s3.ts';

/** What became of one event of S3, as far as the world outside of the product can tell. */
export interface TrackedEvent {
  readonly event: S3Event;
  /** S3 has delivered no notification of it. */
  isLost: boolean;
  /** A notification of it has been in the dead-letter queue. */
  wasDead: boolean;
  /** An older version has recorded it, before this one counted anything. */
  isOlder: boolean;
  /** The function has reported its record with the name in the object's metadata. */
  isNamed: boolean;
  /** When the function first reported its record as stored, in epoch milliseconds. */
  storedAt: number | undefined;
}

/** How often a poison body was sent, and when for the first time. */
export interface SentPoison {
  copies: number;
  readonly sentAt: number;
  /** Whether the message has an event that can be recorded as well. */
  readonly hasRecord: boolean;
}

/**
 * What must be there, told from the events that S3 made. Written from AWS's documentation and from the ledger's promises, not from
 * its code: each event that S3 delivers, and that is not among the dead letters, has exactly one record.
 */
export class Model {
  /** Bodies that nobody can read. */
  readonly poison = new Map<string, SentPoison>();
  readonly #bucket: string;
  /** By object (`<bucket>/<key>`), in the order in which S3 made the changes. */
  readonly #events = new Map<string, TrackedEvent[]>();
  /** When a command first wrote a record of something that it had found, by the record's key. */
  readonly #foundAt = new Map<string, number>();

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  add(event: S3Event): void {
    const object = `${this.#bucket}/${event.version.key}`;
    const tracked = { event, isLost: false, wasDead: false, isOlder: false, isNamed: false, storedAt: undefined };
    const events = this.#events.get(object);
    if (events === undefined) this.#events.set(object, [tracked]);
    else events.push(tracked);
  }

  /** An older version has recorded the event that S3 made last of this object. */
  addOlder(event: S3Event): void {
    const tracked = this.eventsOf(`${this.#bucket}/${event.version.key}`).at(-1);
    if (tracked !== undefined) Object.assign(tracked, { isOlder: true, storedAt: event.at });
  }

  /** S3 does not deliver the event that it made last of this object. */
  addLost(event: S3Event): void {
    const tracked = this.eventsOf(`${this.#bucket}/${event.version.key}`).findLast((one) => one.event === event);
    if (tracked !== undefined) tracked.isLost = true;
  }

  addPoison(body: string, poison: Omit<SentPoison, 'copies'>): void {
    const known = this.poison.get(body);
    if (known === undefined) this.poison.set(body, { copies: 1, ...poison });
    else known.copies += 1;
  }

  /** The function has reported this record as stored. */
  addStored(record: LedgerRecord, at: number): void {
    const same = this.eventsOf(record.s3_object).filter(({ event }) => isRecordOf(record, event));
    const tracked = same.find(({ storedAt }) => storedAt === undefined);
    if (tracked !== undefined) tracked.storedAt = at;
    const [only, ...others] = same;
    if (record.uploader_source === 'metadata' && others.length === 0 && only !== undefined) only.isNamed = true;
  }

  /** A command is writing a record of an object, or of its absence, that it has found. */
  addFound(record: LedgerRecord, at: number): void {
    const key = toKeyText(record);
    if (!this.#foundAt.has(key)) this.#foundAt.set(key, at);
  }

  foundAt(record: LedgerRecord): number | undefined {
    return this.#foundAt.get(toKeyText(record));
  }

  /** A message with this body is in the dead-letter queue. */
  addDead(body: string): void {
    for (const { object, eventName, time } of eventsIn(body, this.#bucket)) {
      for (const tracked of this.eventsOf(object)) {
        const { event } = tracked;
        if (event.eventName === eventName && timeOf(event.at) === time) tracked.wasDead = true;
      }
    }
  }

  objects(): IterableIterator<string> {
    return this.#events.keys();
  }

  *all(): Generator<TrackedEvent> {
    for (const events of this.#events.values()) yield* events;
  }

  eventsOf(object: string): readonly TrackedEvent[] {
    return this.#events.get(object) ?? [];
  }

  /** One line for each thing that happened to the object, and one for each of its records. */
  history(object: string, table: SimulatedTable): string[] {
    const events = this.eventsOf(object).map(({ event, isLost, wasDead, storedAt }) => {
      const { eventName, at, version } = event;
      const stored = storedAt === undefined ? 'never stored' : `stored ${timeOf(storedAt)}`;
      const notes = [isLost ? 'notification lost' : stored, ...(wasDead ? ['was a dead letter'] : [])].join(', ');
      return `S3      ${timeOf(at)} ${eventName} ${version.versionId ?? ''} ${version.sequencer}: ${notes}`;
    });
    const records = table.recordsOf(object).map((record) => {
      const foundAt = this.foundAt(record);
      const note = foundAt === undefined ? '' : `, written ${timeOf(foundAt)}`;
      return `ledger  ${record.timestamp} ${record.event_name} ${record.upload_id} by ${record.source}${note}`;
    });
    return [...events, ...records];
  }
}

export function isUpload({ eventName }: S3Event): boolean {
  return eventName.startsWith('ObjectCreated:');
}

/** Whether its record has to be there: its notification came, and either it is not dead or the function has said that it is stored. */
export function mustBeRecorded({ isLost, wasDead, storedAt }: TrackedEvent): boolean {
  return storedAt !== undefined || !(isLost || wasDead);
}

/** Whether another event of the object has the same sequencer: expiries and restores have that of the creation. */
export function sharesSequencer({ event }: TrackedEvent, events: readonly TrackedEvent[]): boolean {
  return events.some((other) => other.event !== event && other.event.version.sequencer === event.version.sequencer);
}

/**
 * Versions that were completed after one that was begun after them: uploads in parts. S3 takes the version that was begun last for the
 * current one; no event says when an upload was begun, so a ledger cannot know (docs/guarantees.md).
 *
 * @param events Of one object.
 */
export function overtakenVersions(events: readonly S3Event[]): S3Event[] {
  let latest = 0;
  return events.filter(({ eventName, version }) => {
    if (!/^ObjectCreated:|:DeleteMarkerCreated$/.test(eventName) || version.versionId === undefined) return false;
    const isOvertaken = version.startedAt < latest;
    latest = Math.max(latest, version.startedAt);
    return isOvertaken;
  });
}

/** Whether the record tells of this event, by all that both of them say. */
export function isRecordOf(record: LedgerRecord, { eventName, at, version }: S3Event): boolean {
  const { event_name, timestamp, version_id, filesize = version.size } = record;
  const isSameVersion = version_id === version.versionId && filesize === version.size;
  return event_name === eventName && timestamp === timeOf(at) && isSameVersion;
}

/** ISO 8601 with milliseconds, as S3 writes it. The simulated clock knows parts of them. */
export function timeOf(at: number): string {
  return new Date(at).toISOString();
}

/** The events of S3 that a body tells of; none for anything else. */
function eventsIn(body: string, bucket: string) {
  if (!body.startsWith('{"Records":[{"eventVersion"')) return [];
  const { Records } = JSON.parse(body) as {
    readonly Records: readonly {
      readonly eventName?: string;
      readonly eventTime?: string;
      readonly s3?: { readonly object: { readonly key: string } };
    }[];
  };
  return Records.flatMap(({ eventName, eventTime = '', s3 }) => {
    if (s3 === undefined) return [];
    const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
    return [{ object: `${bucket}/${key}`, eventName, time: eventTime }];
  });
}
