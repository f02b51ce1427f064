import type { Digest } from '../../../src/digest/email/digest-email.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import type { SimulatedTable } from './simulated-dynamodb.ts';
import type { S3Event } from './simulated-s3.ts';

/** A promise that does not hold. */
export interface Violation {
  readonly promise: PromiseName;
  /** What was expected and what came. */
  readonly what: string;
  /** `<bucket>/<key>`, where it is about one object. */
  readonly object?: string;
}

type PromiseName =
  | 'every event has its record'
  | 'one record an upload'
  | 'nothing is dead but poison'
  | 'digests tell everything'
  | 'alerts reach people'
  | 'reconcile agrees';

/** What the ledger must hold about one event: what S3 said, in the words of `docs/guarantees.md`. */
interface ExpectedRecord {
  readonly event: string;
  readonly time: string;
  readonly status: 'uploaded' | 'deleted' | 'restored';
  readonly uploader: string | undefined;
  readonly size: number | undefined;
}

/**
 * What must be there, told from the events that S3 made. Written from AWS's documentation and from the ledger's promises, not from
 * its code: each event that S3 delivers has exactly one record with its own time, kind, uploader and size.
 */
export class Model {
  uploads = 0;
  readonly #events = new Map<string, S3Event[]>();
  /** Events of which S3 has delivered no notification. */
  readonly #lost = new Set<S3Event>();

  add(bucket: string, event: S3Event): void {
    const object = `${bucket}/${event.version.key}`;
    const events = this.#events.get(object);
    if (events === undefined) this.#events.set(object, [event]);
    else events.push(event);
    if (isUpload(event)) this.uploads += 1;
  }

  addLost(event: S3Event): void {
    this.#lost.add(event);
  }

  /** Uploads whose notification S3 has delivered. */
  get deliveredUploads(): number {
    return this.uploads - [...this.#lost].filter(isUpload).length;
  }

  get lost(): number {
    return this.#lost.size;
  }

  /** Holds the table against the events. @param max Violations after which it is enough. */
  checkRecords(table: SimulatedTable, max = 20): Violation[] {
    const violations: Violation[] = [];
    for (const [object, events] of this.#events) {
      const expected = events.filter((event) => !this.#lost.has(event)).map(toExpected);
      violations.push(...differences(object, expected, table.recordsOf(object)));
      if (violations.length >= max) break;
    }
    return violations;
  }

  /** One line for each thing that happened to the object, and one for each of its records. */
  history(object: string, table: SimulatedTable): string[] {
    const events = (this.#events.get(object) ?? []).map((event) => {
      const { eventName, at, version } = event;
      const note = this.#lost.has(event) ? ' (lost)' : '';
      return `S3      ${new Date(at).toISOString()} ${eventName} ${version.versionId ?? ''} ${version.sequencer}${note}`;
    });
    const records = table
      .recordsOf(object)
      .map(
        ({ timestamp, event_name, upload_id, source }) => `ledger  ${timestamp} ${event_name} ${upload_id} ${source}`,
      );
    return [...events, ...records];
  }
}

function isUpload({ eventName }: S3Event): boolean {
  return eventName.startsWith('ObjectCreated:');
}

const STATUS = {
  ObjectCreated: 'uploaded',
  ObjectRemoved: 'deleted',
  LifecycleExpiration: 'deleted',
  ObjectRestore: 'restored',
} as const;

function toExpected({ eventName, at, version, principalId }: S3Event): ExpectedRecord {
  const status = STATUS[eventName.split(':')[0] as keyof typeof STATUS];
  const hasSize = status !== 'deleted';
  return {
    event: eventName,
    time: new Date(at).toISOString(),
    status,
    // A role's session names the person; a service is nobody's name but its own.
    uploader: principalId.split(':').at(-1),
    size: hasSize ? version.size : undefined,
  };
}

function toActual({ event_name, timestamp, status, uploader, filesize }: LedgerRecord): ExpectedRecord {
  return { event: event_name, time: timestamp, status, uploader, size: filesize };
}

function differences(
  object: string,
  expected: readonly ExpectedRecord[],
  records: readonly LedgerRecord[],
): Violation[] {
  const actual = records.map((record) => JSON.stringify(toActual(record)));
  const violations: Violation[] = [];
  for (const wanted of expected.map((record) => JSON.stringify(record))) {
    const place = actual.indexOf(wanted);
    if (place >= 0) actual.splice(place, 1);
    else violations.push({ promise: 'every event has its record', object, what: `there is no record ${wanted}` });
  }
  for (const extra of actual)
    violations.push({ promise: 'one record an upload', object, what: `there is a record too many: ${extra}` });
  return violations;
}

/**
 * A digest never undercounts; what is delivered again, by S3 or by the queue, may be counted again each time. An email that was sent
 * twice, because the invocation died before it could note the first, tells nothing new.
 */
export function differencesOfDigests(
  model: Model,
  digests: readonly { readonly digest: Digest }[],
  repeats: number,
): Violation[] {
  const windows = new Map(
    digests.map(({ digest }) => [`${digest.since} ${digest.until}`, digest.summary.uploads.count]),
  );
  const told = [...windows.values()].reduce((sum, count) => sum + count, 0);
  const expected = model.deliveredUploads;
  if (told >= expected && told <= expected + repeats) return [];
  const what = `digests tell of ${told} uploads; expected ${expected}, and at most ${repeats} more for what was delivered again`;
  return [{ promise: 'digests tell everything', what }];
}
