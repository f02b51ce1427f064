import type { ReadOptions } from '../../src/ledger/read/newest.ts';
import type { RecordFilters } from '../../src/ledger/read/query.ts';
import type { LedgerReader } from '../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

/** A ledger without a table: what is added is there at once. */
export class MemoryLedger {
  /** In the order of their times, oldest first. */
  readonly #records: LedgerRecord[] = [];

  /** Puts the record to its place: quick for one that is later than all others. */
  add(record: LedgerRecord): void {
    let place = this.#records.length;
    while (place > 0 && (this.#records[place - 1]?.timestamp ?? '') > record.timestamp) place -= 1;
    this.#records.splice(place, 0, record);
  }

  reader(): LedgerReader {
    const between = (since?: Date, until?: Date, { filters = {}, onRead }: ReadOptions = {}) => {
      const inRange = this.#records.filter(({ timestamp }) => {
        const time = Date.parse(timestamp);
        return time >= (since?.getTime() ?? 0) && time < (until?.getTime() ?? Number.POSITIVE_INFINITY);
      });
      onRead?.(inRange.length);
      return inRange.filter((record) => meets(record, filters));
    };
    return {
      history: (bucket, key) =>
        each(newestFirst(this.#records.filter((one) => one.s3_bucket === bucket && one.s3_key === key))),
      newest: ({ since, until, ...options }) => each(newestFirst(between(since, until, options))),
      byUploader: (uploader, { since, until, filters, ...options } = {}) =>
        each(newestFirst(between(since, until, { ...options, filters: { ...filters, uploader } }))),
      all: () => each([...this.#records]),
      follow: (options) => this.#follow(options),
    };
  }

  async *#follow({ last = 0, pause, signal }: Parameters<LedgerReader['follow']>[0]): AsyncGenerator<LedgerRecord> {
    const seen = new Set(this.#records);
    yield* this.#records.slice(-last);
    while (!signal?.aborted) {
      await pause();
      for (let index = this.#records.length - 1; index >= 0; index -= 1) {
        const record = this.#records[index];
        if (record === undefined || seen.has(record)) break;
        seen.add(record);
        yield record;
      }
    }
  }
}

function meets(record: LedgerRecord, filters: RecordFilters): boolean {
  const { bucket, prefix = '', contains = '', uploader, category, status } = filters;
  return (
    record.s3_key.startsWith(prefix) &&
    record.s3_key.includes(contains) &&
    record.s3_bucket === (bucket ?? record.s3_bucket) &&
    record.uploader === (uploader ?? record.uploader) &&
    record.category === (category ?? record.category) &&
    record.status === (status ?? record.status)
  );
}

function newestFirst(records: readonly LedgerRecord[]): LedgerRecord[] {
  return [...records].reverse();
}

async function* each<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}
