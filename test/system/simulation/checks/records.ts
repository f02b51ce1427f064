import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import type { S3Event } from '../services/simulated-s3.ts';
import type { World } from '../world.ts';
import { isUpload, mustBeRecorded, sharesSequencer, type TrackedEvent } from './model.ts';
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
export function checkRecords({ model, table }: World): Violation[] {
  const violations: Violation[] = [];
  for (const object of model.objects()) {
    violations.push(...new ObjectCheck(object, model.eventsOf(object), table.recordsOf(object), model).violations());
    if (violations.length >= MAX_VIOLATIONS) break;
  }
  return violations;
}

class ObjectCheck {
  readonly #object: string;
  readonly #events: readonly TrackedEvent[];
  readonly #model: World['model'];
  /** Records of the object that no event accounts for yet. */
  readonly #left: LedgerRecord[];

  constructor(
    object: string,
    events: readonly TrackedEvent[],
    records: readonly LedgerRecord[],
    model: World['model'],
  ) {
    this.#object = object;
    this.#events = events;
    this.#left = [...records];
    this.#model = model;
  }

  violations(): Violation[] {
    const missing = this.#events.filter((tracked) => !this.#takeRecord(tracked) && mustBeRecorded(tracked));
    // What was found instead stands for an event whose notification never came.
    for (const tracked of this.#events) if (!mustBeRecorded(tracked)) this.#takeFound(tracked);
    return [
      ...missing.map((tracked) => {
        const what = `there is no record ${JSON.stringify(toExpected(tracked.event))}`;
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
  #takeRecord({ event }: TrackedEvent): boolean {
    const wanted = JSON.stringify(toExpected(event));
    return this.#take((record) => record.source === 'notification' && JSON.stringify(toActual(record)) === wanted);
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

function toExpected(event: S3Event): ExpectedRecord {
  const { eventName, at, version, principalId } = event;
  const status = statusOf(event);
  return {
    event: eventName,
    time: new Date(at).toISOString(),
    status,
    uploader: uploaderOf(principalId),
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
