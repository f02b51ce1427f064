import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentState } from '../../src/ledger/current-state.ts';
import { historyOf } from '../../src/ledger/read/history.ts';
import { s3EventRecord } from '../builders/s3-event.ts';
import { type LedgerTable, openLedgerTable } from '../ledger/read/reader-table.ts';
import { MemoryStack } from './memory-stack.ts';

const BUCKET = 'acme-uploads';

/** What somebody, or a lifecycle rule, does to one object. `place` picks one of its versions. */
type Step =
  | { readonly does: 'put' | 'delete' | 'expire' | 'suspend' | 'enable' }
  | { readonly does: 'deleteVersion' | 'expireVersion' | 'restore'; readonly place: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('put' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('delete' as const, 'expire' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('suspend' as const, 'enable' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('deleteVersion' as const, 'expireVersion' as const, 'restore' as const),
      place: fc.nat(10),
    }),
  },
);

interface Version {
  readonly id: string;
  readonly sequencer: string;
  readonly size: number;
  readonly isMarker: boolean;
}

/**
 * One object as S3 keeps it, and the events of which S3 tells. Written from the User Guide: "How S3 Versioning works",
 * "Working with delete markers", "How S3 Lifecycle deletes objects", "Working with objects in a versioning-suspended
 * bucket".
 */
class ObjectInS3 {
  readonly events: object[] = [];
  readonly #key: string;
  /** With versions enabled; else each put replaces the only version there is. */
  readonly #isVersioned: boolean;
  /** New versions are the null version, which replaces the one before. Those with an id stay. */
  #isSuspended = false;
  #versions: Version[] = [];
  #time = Date.UTC(2026, 10, 1);
  #made = 0;

  constructor(key: string, isVersioned: boolean) {
    this.#key = key;
    this.#isVersioned = isVersioned;
  }

  /** What a GET gives; undefined when there is nothing to get. */
  get current(): Version | undefined {
    const last = this.#versions.at(-1);
    return last?.isMarker ? undefined : last;
  }

  /** @param pause Milliseconds since the step before. */
  take(step: Step, pause: number): void {
    this.#time += pause;
    if ('place' in step) this.#changeVersion(step);
    else if (step.does === 'suspend' || step.does === 'enable') this.#isSuspended = step.does === 'suspend';
    else if (step.does === 'put') this.#put();
    else this.#deleteObject(step.does === 'delete' ? 'ObjectRemoved' : 'LifecycleExpiration');
  }

  #put(): void {
    if (!this.#isVersioned) this.#versions = [];
    this.#push('ObjectCreated:Put', false);
  }

  #deleteObject(by: 'ObjectRemoved' | 'LifecycleExpiration'): void {
    const { current } = this;
    // A lifecycle rule expires what is there; a request may put a marker upon a marker.
    if (current === undefined && (by === 'LifecycleExpiration' || !this.#isVersioned)) return;
    if (this.#isVersioned) this.#push(`${by}:DeleteMarkerCreated`, true);
    else if (current !== undefined) this.#remove(current, `${by}:Delete`);
  }

  #changeVersion({ does, place }: Extract<Step, { readonly place: number }>): void {
    const version = this.#versions[place % (this.#versions.length || 1)];
    if (version === undefined) return;
    if (does === 'restore') {
      if (!version.isMarker) this.#tell('ObjectRestore:Completed', version, version.sequencer);
    } else if (does === 'deleteVersion') this.#remove(version, 'ObjectRemoved:Delete');
    // A lifecycle rule deletes versions that are not current, and markers with nothing below.
    else if (version !== this.current) this.#remove(version, 'LifecycleExpiration:Delete');
  }

  #push(eventName: string, isMarker: boolean): void {
    const id = this.#isSuspended ? 'null' : `v${this.#made}`;
    if (id === 'null') this.#versions = this.#versions.filter((version) => version.id !== id);
    const version = { id, sequencer: this.#sequencer(), size: this.#made, isMarker };
    this.#versions.push(version);
    this.#tell(eventName, version, version.sequencer);
  }

  #remove(version: Version, eventName: string): void {
    this.#versions = this.#versions.filter((other) => other !== version);
    this.#tell(eventName, version, eventName.startsWith('Lifecycle') ? version.sequencer : this.#sequencer());
  }

  /** The first ten digits are the second. */
  #sequencer(): string {
    this.#made += 1;
    const [second, count] = [Math.floor(this.#time / 1000), this.#made];
    return (second.toString(16).padStart(10, '0') + count.toString(16).padStart(8, '0')).toUpperCase();
  }

  #tell(eventName: string, { id, size, isMarker }: Version, sequencer: string): void {
    const eventTime = new Date(this.#time).toISOString();
    const hasContent = !isMarker && !eventName.endsWith(':Delete');
    const object = {
      sequencer,
      size: hasContent ? size : undefined,
      eTag: hasContent ? 'e' : undefined,
      versionId: this.#isVersioned ? id : undefined,
    };
    this.events.push(s3EventRecord({ key: this.#key, bucket: BUCKET, eventName, eventTime, object }));
  }
}

describe('an object of which S3 tells everything', () => {
  let table: LedgerTable;
  let objects = 0;

  beforeAll(async () => {
    table = await openLedgerTable();
  });

  afterAll(() => table.close());

  /** Records the events in any order, and reads the object's history. */
  async function record(key: string, events: readonly object[], order: readonly number[]) {
    const stack = new MemoryStack();
    for (const event of sortedBy(events, order)) stack.send(JSON.stringify({ Records: [event] }));
    const all = Array.from(events.keys());
    if (all.length > 0) await stack.deliver(all, { calls: [], deadLettersDown: false, dies: false });
    await table.put(...stack.records);
    return Array.fromAsync(historyOf(table, BUCKET, key, { order: 'newest-first' }));
  }

  it.each([false, true])(
    'has the current state that S3 has, and its history in order (versions: %s)',
    async (isVersioned) => {
      const steps = fc.array(fc.tuple(step, fc.integer({ min: 1, max: 100_000_000 })), { maxLength: 14 });
      await fc.assert(
        fc.asyncProperty(steps, fc.array(fc.nat(), { minLength: 14, maxLength: 14 }), async (taken, order) => {
          objects += 1;
          const key = `object-${objects}`;
          const object = new ObjectInS3(key, isVersioned);
          for (const [one, pause] of taken) object.take(one, pause);
          const history = await record(key, object.events, order);
          const told = object.events.map((event) => (event as { readonly eventTime: string }).eventTime);
          expect(history.map(({ timestamp }) => timestamp).reverse()).toEqual(told);
          const state = await currentState(history);
          expect(state?.exists ?? false).toBe(object.current !== undefined);
          if (object.current === undefined) return;
          expect(state?.record.filesize).toBe(object.current.size);
          expect(state?.record.version_id).toBe(isVersioned ? object.current.id : undefined);
        }),
        { seed: 20, numRuns: 300 },
      );
    },
  );
});

/** The values, each at the place that its number gives it among the others. */
function sortedBy<Value>(values: readonly Value[], numbers: readonly number[]): readonly Value[] {
  return values
    .map((value, index) => ({ value, number: numbers[index] ?? 0 }))
    .sort((a, b) => a.number - b.number)
    .map(({ value }) => value);
}
