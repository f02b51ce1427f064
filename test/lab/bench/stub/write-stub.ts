import type { StoredItem, StubBehaviour, StubCounts } from './protocol.ts';

type Put = { readonly PutRequest: { readonly Item: StoredItem } };

export interface StubAnswer {
  readonly status: number;
  readonly body: string;
}

const PUT = '"PutRequest"';
const SEED = 0x9e3779b9;

/** A table that takes every put and forgets it, but counts. */
export class WriteStub {
  behaviour: StubBehaviour = { delay: 0, unprocessed: 0, keepItems: false };
  #counts = { batchWriteItem: 0, putItem: 0, puts: 0 };
  #items: StoredItem[] = [];
  #random = SEED;

  behave(behaviour: StubBehaviour): void {
    this.behaviour = behaviour;
    this.#counts = { batchWriteItem: 0, putItem: 0, puts: 0 };
    this.#items = [];
    this.#random = SEED;
  }

  get counts(): StubCounts {
    return { ...this.#counts, items: this.#items };
  }

  answer(operation: string, body: string): StubAnswer {
    if (operation === 'BatchWriteItem') return this.#batchWriteItem(body);
    if (operation === 'PutItem') this.#counts.putItem += 1;
    if (operation === 'PutItem' && this.behaviour.keepItems) this.#items.push(JSON.parse(body).Item);
    return { status: 200, body: '{}' };
  }

  #batchWriteItem(body: string): StubAnswer {
    this.#counts.batchWriteItem += 1;
    const { unprocessed, keepItems } = this.behaviour;
    if (unprocessed === 0 && !keepItems) {
      // Parsing would cost as much as what is measured; no record of the bench has this text.
      this.#counts.puts += occurrences(body, PUT);
      return { status: 200, body: '{"UnprocessedItems":{}}' };
    }
    const [[table, puts] = ['', []]] = Object.entries(JSON.parse(body).RequestItems as Record<string, Put[]>);
    const refused = puts.filter(() => this.#next() < unprocessed);
    this.#counts.puts += puts.length;
    const taken = new Set(refused);
    if (keepItems) for (const put of puts) if (!taken.has(put)) this.#items.push(put.PutRequest.Item);
    if (refused.length === 0) return { status: 200, body: '{"UnprocessedItems":{}}' };
    // As DynamoDB: only a wholly throttled call is an error.
    if (refused.length === puts.length) return { status: 400, body: THROTTLED };
    return { status: 200, body: JSON.stringify({ UnprocessedItems: { [table]: refused } }) };
  }

  /** mulberry32: the same refusals in every run. */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}
