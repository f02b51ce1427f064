import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../../src/contract/limits.ts';
import { TABLE } from '../../../src/contract/table.ts';
import { fromItem, toItem } from '../../../src/ledger/item.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { type Item, parseCondition, updated } from './expressions.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one attempt of a call. */
export type TableFault =
  | { readonly kind: 'refused' | 'throttled' | 'answer-lost' | 'stalled' }
  /** Share of the puts of a BatchWriteItem call that come back unprocessed. */
  | { readonly kind: 'unprocessed'; readonly share: number };

export interface TableOptions {
  readonly clock: VirtualClock;
  /** Decides about each attempt. */
  readonly fault: (operation: string) => TableFault | undefined;
  /** Milliseconds of one call. */
  readonly latency: () => number;
  /** Milliseconds after which an index shows an item. */
  readonly indexDelay: () => number;
}

/** How often the SDK's client tries a call, and its longest wait before the second and third try, in milliseconds. */
const ATTEMPTS = 3;
const MAX_BACKOFF_MS = 100;
/** Milliseconds after which the client gives an attempt up that nobody answers. */
const REQUEST_TIMEOUT_MS = 3_000;
/** Items of one page of a Query or Scan without a Limit. */
const PAGE = 1_000;

interface Stored {
  readonly item: Item;
  /** Epoch milliseconds from which the indexes show it. */
  readonly visibleAt: number;
}

type Partition = Map<string, Stored>;

/** One DynamoDB table with the ledger's two indexes, as its client sees it. */
export class SimulatedTable {
  readonly name = 'ledger';
  /** Calls by operation, attempts included. */
  readonly calls = new Map<string, number>();
  readonly #options: TableOptions;
  readonly #partitions = new Map<string, Partition>();
  readonly #indexes = { [TABLE.byDay.indexName]: new Map(), [TABLE.byUploader.indexName]: new Map() } as Record<
    string,
    Map<string, Map<string, Stored>>
  >;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** The port of everything but the writer. */
  get client(): Pick<DynamoDBClient, 'send'> {
    const send = (command: { readonly input: object }, options: { readonly abortSignal?: AbortSignal } = {}) =>
      this.#attempted(command.constructor.name.replace(/Command$/, ''), options.abortSignal, () =>
        this.#answer(command),
      );
    return { send } as unknown as Pick<DynamoDBClient, 'send'>;
  }

  /** The writer's port. */
  readonly sendPuts: SendPuts = async (records, signal) =>
    this.#attempted('BatchWriteItem', signal, (fault) => {
      const keys = new Set(records.map(({ s3_object, upload_id }) => `${s3_object}\n${upload_id}`));
      if (keys.size < records.length || records.length > LIMITS.dynamodb.batchWriteItems) {
        throw named('ValidationException', 'one key twice, or too many puts');
      }
      const isUnprocessed = () => fault?.kind === 'unprocessed' && this.#options.clock.random() < fault.share;
      const unprocessed = records.filter(isUnprocessed);
      for (const record of records) if (!unprocessed.includes(record)) this.put(toItem(record));
      return unprocessed;
    });

  /** Every item, in no order. */
  *items(): Generator<Item> {
    for (const partition of this.#partitions.values()) for (const { item } of partition.values()) yield item;
  }

  /** The records of one object, in the order of their ids. */
  recordsOf(object: string): LedgerRecord[] {
    return this.#sorted(this.#partitions.get(object)).map(({ item }) => fromItem(item));
  }

  put(item: Item): void {
    const [partitionKey, sortKey] = keyOf(item);
    const partition = this.#partitions.get(partitionKey) ?? new Map();
    const before = partition.get(sortKey);
    if (before !== undefined) this.#unindex(before);
    const { clock, indexDelay } = this.#options;
    const stored = { item, visibleAt: clock.now() + indexDelay() };
    partition.set(sortKey, stored);
    this.#partitions.set(partitionKey, partition);
    for (const { indexName, partitionKey: attribute } of [TABLE.byDay, TABLE.byUploader]) {
      const value = item[attribute]?.S;
      if (value === undefined) continue;
      const index = this.#indexes[indexName]?.get(value) ?? new Map();
      index.set(`${partitionKey}\n${sortKey}`, stored);
      this.#indexes[indexName]?.set(value, index);
    }
  }

  #unindex({ item }: Stored): void {
    for (const { indexName, partitionKey: attribute } of [TABLE.byDay, TABLE.byUploader]) {
      this.#indexes[indexName]?.get(item[attribute]?.S ?? '')?.delete(keyOf(item).join('\n'));
    }
  }

  /** One call with the retries of the SDK's client. */
  async #attempted<T>(
    operation: string,
    signal: AbortSignal | undefined,
    act: (fault: TableFault | undefined) => T,
  ): Promise<T> {
    const { clock } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(operation, signal, act);
      } catch (error) {
        if (attempt === ATTEMPTS || signal?.aborted || !isRetryable(error)) throw error;
        await clock.sleep(clock.random() * MAX_BACKOFF_MS * 2 ** (attempt - 1), signal);
      }
    }
  }

  async #attempt<T>(
    operation: string,
    signal: AbortSignal | undefined,
    act: (fault: TableFault | undefined) => T,
  ): Promise<T> {
    const { clock, fault: decide, latency } = this.#options;
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const fault = decide(operation);
    await clock.sleep(fault?.kind === 'stalled' ? REQUEST_TIMEOUT_MS : latency(), signal);
    if (fault?.kind === 'stalled') throw named('TimeoutError', 'no answer');
    if (fault?.kind === 'refused') throw named('InternalServerError', 'the service is down');
    if (fault?.kind === 'throttled') throw named('ProvisionedThroughputExceededException', 'too fast');
    const answer = act(fault);
    if (fault?.kind === 'answer-lost') throw Object.assign(named('Error', 'socket hang up'), { code: 'ECONNRESET' });
    return answer;
  }

  #answer(command: { readonly input: object }): object {
    if (command instanceof GetItemCommand) return { Item: this.#find(command.input.Key as Item)?.item };
    if (command instanceof PutItemCommand) return this.#putItem(command.input);
    if (command instanceof UpdateItemCommand) return this.#update(command.input);
    if (command instanceof QueryCommand) return this.#query(command.input);
    if (command instanceof ScanCommand) return page([...this.items()], keyText, command.input);
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command.input);
    if (command instanceof BatchWriteItemCommand) return this.#batchWrite(command.input);
    throw new TypeError(`The simulated table knows no ${command.constructor.name}.`);
  }

  #find(key: Item): Stored | undefined {
    const [partitionKey, sortKey] = keyOf(key);
    return this.#partitions.get(partitionKey)?.get(sortKey);
  }

  #putItem(input: PutItemCommand['input']): object {
    const item = input.Item as Item;
    this.#check(this.#find(item)?.item, input.ConditionExpression, input);
    this.put(item);
    return {};
  }

  #update(input: UpdateItemCommand['input']): object {
    const key = input.Key as Item;
    const before = this.#find(key)?.item;
    this.#check(before, input.ConditionExpression, input);
    const item = updated(before ?? key, input.UpdateExpression ?? '', input);
    this.put(item);
    return { Attributes: item };
  }

  #check(item: Item | undefined, condition: string | undefined, input: Parameters<typeof parseCondition>[1]): void {
    if (condition === undefined || parseCondition(condition, input)(item ?? {})) return;
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  }

  #query(input: QueryCommandInput): object {
    const partition = this.#partitionOf(input);
    const index = [TABLE.byDay, TABLE.byUploader].find(({ indexName }) => indexName === input.IndexName);
    const sortKey = index?.sortKey ?? TABLE.sortKey;
    const isWanted = parseCondition(input.KeyConditionExpression ?? '', input);
    const now = this.#options.clock.now();
    const order = ({ item }: Stored) => `${item[sortKey]?.S}\n${keyText(item)}`;
    const found = [...(partition?.values() ?? [])]
      .filter(({ item, visibleAt }) => isWanted(item) && (index === undefined || visibleAt <= now))
      .sort((a, b) => (order(a) < order(b) ? -1 : 1))
      .map(({ item }) => item);
    const items = input.ScanIndexForward === false ? found.reverse() : found;
    const answer = page(items, keyText, input);
    const filter = input.FilterExpression && parseCondition(input.FilterExpression, input);
    return filter ? { ...answer, Items: answer.Items.filter(filter) } : answer;
  }

  /** The partition that a key condition names: it always begins with `#name = :value`. */
  #partitionOf(input: QueryCommandInput): Map<string, Stored> | undefined {
    const [, placeholder = ''] = /=\s*(:\w+)/.exec(input.KeyConditionExpression ?? '') ?? [];
    const value = input.ExpressionAttributeValues?.[placeholder]?.S ?? '';
    return (input.IndexName === undefined ? this.#partitions : this.#indexes[input.IndexName])?.get(value);
  }

  #batchGet({ RequestItems = {} }: BatchGetItemCommand['input']): object {
    const keys = RequestItems[this.name]?.Keys ?? [];
    const found = keys.map((key) => this.#find(key as Item)?.item).filter((item) => item !== undefined);
    return { Responses: { [this.name]: found }, UnprocessedKeys: {} };
  }

  #batchWrite({ RequestItems = {} }: BatchWriteItemCommand['input']): object {
    for (const { PutRequest, DeleteRequest } of RequestItems[this.name] ?? []) {
      if (PutRequest?.Item) this.put(PutRequest.Item as Item);
      if (DeleteRequest?.Key) this.#delete(DeleteRequest.Key as Item);
    }
    return { UnprocessedItems: {} };
  }

  #delete(key: Item): void {
    const stored = this.#find(key);
    if (stored === undefined) return;
    this.#unindex(stored);
    const [partitionKey, sortKey] = keyOf(key);
    this.#partitions.get(partitionKey)?.delete(sortKey);
  }

  #sorted(partition: Partition | undefined): Stored[] {
    return [...(partition ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
  }
}

function keyOf(item: Item): [partitionKey: string, sortKey: string] {
  return [item[TABLE.partitionKey]?.S ?? '', item[TABLE.sortKey]?.S ?? ''];
}

function keyText(item: Item): string {
  return keyOf(item).join('\n');
}

/** Items from after `ExclusiveStartKey` up to the limit. */
function page(
  items: readonly Item[],
  textOf: (item: Item) => string,
  { Limit = PAGE, ExclusiveStartKey }: Pick<QueryCommandInput, 'Limit' | 'ExclusiveStartKey'>,
): { readonly Items: Item[]; readonly LastEvaluatedKey?: Item } {
  const start =
    ExclusiveStartKey === undefined
      ? -1
      : items.findIndex((item) => textOf(item) === textOf(ExclusiveStartKey as Item));
  const Items = items.slice(start + 1, start + 1 + Limit);
  const last = Items.at(-1);
  const isLast = last === undefined || start + 1 + Limit >= items.length;
  return { Items, ...(!isLast && { LastEvaluatedKey: last }) };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof ConditionalCheckFailedException) && (error as Error).name !== 'ValidationException';
}
