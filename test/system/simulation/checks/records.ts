import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import type { S3Event } from '../services/simulated-s3.ts';
import type { World } from '../world.ts';
import { isUpload, mustBeRecorded, overtakenVersions, sharesSequencer, type TrackedEvent } from './model.ts';
import { isVersionDelete } from './objects.ts';
import { type Cause, MAX_VIOLATIONS, type Violation } from './violation.ts';

/** What the ledger must hold about one event: what S3 said, in the words of `docs/guarantees.md`. */
interface ExpectedRecord {
  readonly event: string;
  readonly time: string;
  readonly status: 'uploaded' | 'deleted' | 'restored';
  readonly uploader: string | undefined;
  readonly size: number | undefined;
  readonly version: string | undefined;
}

/** Holds the table against the events, object by object. */
export function checkRecords(world: World): Violation[] {
  const { model, table } = world;
  const isSpared = isNothingWrong(world);
  const violations: Violation[] = [];
  for (const object of model.objects()) {
    const events = model.eventsOf(object);
    violations.push(...new ObjectCheck(object, events, table.recordsOf(object), world).violations());
    if (isSpared) violations.push(...checkName(object, events));
    if (violations.length >= MAX_VIOLATIONS) break;
  }
  return violations;
}

/** Whether metadata are read, and nothing keeps the function from it. */
function isNothingWrong({ deployment, options: { noise, outages = [] } }: World): boolean {
  return deployment.uploaderMetadata && outages.length === 0 && Object.values(noise).every((share) => share === 0);
}

/** The name in the metadata of an object that nobody has changed since is recorded, when they can belong to no other upload. */
function checkName(object: string, events: readonly TrackedEvent[]): Violation[] {
  const last = events.at(-1);
  if (last === undefined || last.isNamed || !isUpload(last.event) || last.event.version.uploader === undefined)
    return [];
  const { at, version } = last.event;
  const isAlone = events.filter(({ event }) => secondOf(event.at) === secondOf(at)).length === 1;
  if (version.versionId === undefined && (version.eTag.includes('-') || !isAlone)) return [];
  return [{ promise: 'metadata tell who uploaded', object, what: `${version.uploader} is not in the record` }];
}

function secondOf(at: number): number {
  return Math.floor(at / SECOND_MS);
}

class ObjectCheck {
  readonly #object: string;
  readonly #events: readonly TrackedEvent[];
  readonly #model: World['model'];
  readonly #readsMetadata: boolean;
  /** Records of the object that no event accounts for yet. */
  readonly #left: LedgerRecord[];

  constructor(
    object: string,
    events: readonly TrackedEvent[],
    records: readonly LedgerRecord[],
    { model, deployment }: World,
  ) {
    this.#object = object;
    this.#events = events;
    this.#left = [...records];
    this.#model = model;
    this.#readsMetadata = deployment.uploaderMetadata;
  }

  violations(): Violation[] {
    const missing = this.#events.filter((tracked) => !this.#takeRecord(tracked) && mustBeRecorded(tracked));
    // What was found instead stands for an event whose notification never came.
    for (const tracked of this.#events) if (!mustBeRecorded(tracked)) this.#takeFound(tracked);
    // S3 hides an upload in parts behind what came after its beginning: a repair takes it for deleted.
    for (const _ of overtakenVersions(this.#events.map(({ event }) => event))) this.#take(isFoundDelete);
    // The record that was found of a version has no id: that this version is deleted only another search can tell.
    for (const _ of deletesOfUnknownVersions(this.#events)) this.#take(isFoundDelete);
    return [
      ...missing.map((tracked) => {
        const uploader = this.#namesOf(tracked).join(' or ');
        const what = `there is no record ${JSON.stringify({ ...toExpected(tracked.event), uploader })}`;
        const because = sharesSequencer(tracked, this.#events) ? 'shared-sequencer' : undefined;
        return this.#violation('every event has its record', what, because);
      }),
      ...this.#left.map((extra) => {
        const what = `there is a record too many: ${JSON.stringify(toActual(extra))}, ${extra.source}`;
        return this.#violation('an event is in the ledger once', what, this.#whyTooMany(extra));
      }),
    ];
  }

  #violation(promise: Violation['promise'], what: string, because: Cause | undefined): Violation {
    return { promise, what, object: this.#object, ...(because !== undefined && { because }) };
  }

  /** Takes the record that a notification has left of the event. */
  #takeRecord(tracked: TrackedEvent): boolean {
    const wanted = JSON.stringify(toExpected(tracked.event));
    const names = this.#namesOf(tracked);
    return this.#take((record) => {
      const { uploader = '', ...actual } = toActual(record);
      return record.source === 'notification' && names.includes(uploader) && JSON.stringify(actual) === wanted;
    });
  }

  /** Who may be named as the uploader: once it was the name in the metadata, nobody else. */
  #namesOf({ event, isNamed }: TrackedEvent): readonly string[] {
    const principal = uploaderOf(event.principalId);
    if (!this.#readsMetadata || !isUpload(event)) return [principal];
    const names = this.#events.flatMap(({ event: other }) =>
      sharesMetadata(event, other) ? (other.version.uploader ?? []) : [],
    );
    return isNamed ? names : [principal, ...names];
  }

  #takeFound({ event }: TrackedEvent): boolean {
    return this.#take((record) => record.source !== 'notification' && isFoundOf(record, event));
  }

  #take(isWanted: (record: LedgerRecord) => boolean): boolean {
    const at = this.#left.findIndex(isWanted);
    if (at >= 0) this.#left.splice(at, 1);
    return at >= 0;
  }

  #whyTooMany(extra: LedgerRecord): Cause | undefined {
    const foundAt = this.#model.foundAt(extra);
    if (foundAt === undefined) return undefined;
    const told = this.#events.filter(({ event }) => isFoundOf(extra, event));
    if (told.some(({ storedAt }) => storedAt === undefined || storedAt >= foundAt)) return 'found-before-notified';
    return told.some((tracked) => sharesSequencer(tracked, this.#events)) ? 'shared-sequencer' : undefined;
  }
}

/** The deletes, for good, of versions of whose creation no notification came. */
function deletesOfUnknownVersions(events: readonly TrackedEvent[]): readonly TrackedEvent[] {
  const lost = events.filter((tracked) => isUpload(tracked.event) && !mustBeRecorded(tracked));
  const ids = new Set(lost.map(({ event }) => event.version.versionId));
  return events.filter((tracked) => isVersionDelete(tracked) && ids.has(tracked.event.version.versionId));
}

function isFoundDelete({ source, status }: LedgerRecord): boolean {
  return source !== 'notification' && status === 'deleted';
}

/** Equal content that is put twice within a second has only versions to tell it apart (docs/guarantees.md). */
function sharesMetadata(event: S3Event, other: S3Event): boolean {
  if (other === event) return true;
  const isAlike = other.version.eTag === event.version.eTag && secondOf(other.at) === secondOf(event.at);
  return event.version.versionId === undefined && isUpload(other) && isAlike;
}

/** Whether a record that was written of what was found can tell of this event. */
function isFoundOf({ status, etag, filesize }: LedgerRecord, event: S3Event): boolean {
  if (isUpload(event)) return status === 'uploaded' && etag === event.version.eTag && filesize === event.version.size;
  return status === 'deleted' && statusOf(event) === 'deleted';
}

const STATUS = {
  ObjectCreated: 'uploaded',
  ObjectRemoved: 'deleted',
  LifecycleExpiration: 'deleted',
  ObjectRestore: 'restored',
} as const;

function statusOf({ eventName }: S3Event): ExpectedRecord['status'] {
  return STATUS[eventName.split(':')[0] as keyof typeof STATUS];
}

function toExpected(event: S3Event): Omit<ExpectedRecord, 'uploader'> {
  const { eventName, at, version } = event;
  const status = statusOf(event);
  return {
    event: eventName,
    time: new Date(at).toISOString(),
    status,
    size: status === 'deleted' ? undefined : version.size,
    version: version.versionId,
  };
}

/** A role's session names the person; anybody else is known by the principal's id alone. */
function uploaderOf(principalId: string): string {
  const [, session] = /^AWS:AROA\w*:(.+)$/.exec(principalId) ?? [];
  return session ?? principalId.replace(/^AWS:/, '');
}

function toActual(record: LedgerRecord): ExpectedRecord {
  const { event_name, timestamp, status, uploader, filesize, version_id } = record;
  return { event: event_name, time: timestamp, status, uploader, size: filesize, version: version_id };
}
