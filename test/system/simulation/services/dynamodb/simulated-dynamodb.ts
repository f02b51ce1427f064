import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../../../../src/contract/limits.ts';
import { fromItem } from '../../../../../src/ledger/item.ts';
import type { LedgerRecord } from '../../../../../src/ledger/record.ts';
import type { RecordKey } from '../../../../../src/ledger/record-key.ts';
import type { SendPuts } from '../../../../../src/ledger/write/batch-write.ts';
import { ClientRetries, type Life } from '../process-life.ts';
import { connectionReset, requestTimeout } from '../sdk-retries.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Placeholders, parseProjection, pick, updated } from './expressions.ts';
import { type Item, toTableKey } from './stored-item.ts';
import { checkCondition, checkDistinct, checked } from './table-checks.ts';
import { denied, throttled, unavailable } from './table-errors.ts';
import { keyOf, queryPage, scanPage } from './table-pages.ts';
import { type Change, TableStore } from './table-store.ts';

/** What happens to one try of a call. */
export type TableFault =
  | { readonly kind: 'refused' | 'denied' | 'throttled' }
  /** It was done, and the connection broke before the answer came. */
  | { readonly kind: 'answer-lost' }
  /** The client gives it up: it is never done, or after that. */
  | { readonly kind: 'stalled' | 'late' }
  /** Share of the entries of a batch call that come back unprocessed. */
  | { readonly kind: 'unprocessed'; readonly share: number };

export interface TableOptions {
  readonly clock: VirtualClock;
  /** Decides about each try. */
  readonly fault: (operation: string) => TableFault | undefined;
  /** Milliseconds of one call. */
  readonly latency: () => number;
  /** Milliseconds after which an index shows a change. */
  readonly indexDelay: () => number;
  /** Called with each change, for the table's stream. */
  readonly onChange?: (change: Change) => void;
}

/** What one process calls the table with. */
export interface TableConnection {
  /** The port of everything but the writer. */
  readonly client: Pick<DynamoDBClient, 'send'>;
  /** The writer's port. */
  readonly sendPuts: SendPuts;
}

/** Milliseconds after which the client gives up a try that nobody answers. */
const REQUEST_TIMEOUT_MS = 3_000;
/** Most milliseconds after that until a late call is done. */
const MAX_LATE_MS = 2_000;

interface Command {
  readonly input: object;
}

/** One DynamoDB table with the ledger's two indexes, as its client sees it. */
export class SimulatedTable {
  readonly name = 'ledger';
  /** Calls by operation, each try counted. */
  readonly calls = new Map<string, number>();
  readonly #options: TableOptions;
  readonly #store = new TableStore();
  readonly #shared: TableConnection;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#shared = this.connect();
  }

  get client(): TableConnection['client'] {
    return this.#shared.client;
  }

  get sendPuts(): SendPuts {
    return this.#shared.sendPuts;
  }

  /** @param life Of the process that calls. @default it lives forever, and its clients are new */
  connect(life?: Life): TableConnection {
    const { dynamodb: retries } = life?.retries ?? new ClientRetries(this.#options.clock);
    const isAlive = () => life?.hasEnded !== true;
    const call = <T>(
      operation: string,
      signal: AbortSignal | undefined,
      act: (fault?: TableFault) => T,
      repeatsThrottled = true,
    ): Promise<T> => {
      const options = { signal, isAlive, repeatsThrottled };
      const tries = () => retries.run(() => this.#try(operation, signal, act), options);
      return life === undefined ? tries() : life.call(tries);
    };
    const send = (command: Command, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) =>
      call(command.constructor.name.replace(/Command$/, ''), abortSignal, (fault) => this.#answer(command, fault));
    const sendPuts: SendPuts = (items, signal) =>
      call('BatchWriteItem', signal, (fault) => this.#putAll(items, fault), false);
    return { client: { send } as unknown as TableConnection['client'], sendPuts };
  }

  /** Every item, in the order of a scan. */
  *items(): Generator<Item> {
    for (const { item } of this.#store) yield item;
  }

  /** The records of one object, in the order of their ids. */
  recordsOf(object: string): LedgerRecord[] {
    const records: LedgerRecord[] = [];
    const take = ({ item }: { readonly item: Item }) => records.push(fromItem(item)) > 0;
    this.#store.readPartition(toTableKey(object, ''), { isForward: true, take });
    return records;
  }

  put(content: Item | LedgerRecord): void {
    const { clock, indexDelay, onChange } = this.#options;
    const change = this.#store.put(content, clock.now() + indexDelay());
    if (change !== undefined) onChange?.(change);
  }

  /** A call takes effect half-way between the question and the answer, also when the caller has given up by then. */
  async #try<T>(operation: string, signal: AbortSignal | undefined, act: (fault?: TableFault) => T): Promise<T> {
    const { clock, fault: decide, latency } = this.#options;
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const fault = decide(operation);
    if (fault?.kind === 'stalled' || fault?.kind === 'late') {
      if (fault.kind === 'late') clock.after(REQUEST_TIMEOUT_MS + clock.random() * MAX_LATE_MS, () => ignoring(act));
      await clock.sleep(REQUEST_TIMEOUT_MS, signal);
      throw requestTimeout(REQUEST_TIMEOUT_MS);
    }
    const milliseconds = latency();
    const done = clock.sleep(milliseconds / 2).then(() => serve(fault, act));
    done.catch(() => undefined);
    await clock.sleep(milliseconds, signal);
    if (fault?.kind === 'answer-lost') throw connectionReset();
    return done;
  }

  #answer(command: Command, fault: TableFault | undefined): object {
    if (command instanceof GetItemCommand) return this.#get(command.input);
    if (command instanceof PutItemCommand) return this.#putItem(command.input);
    if (command instanceof UpdateItemCommand) return this.#update(command.input);
    if (command instanceof DeleteItemCommand) return this.#deleteItem(command.input);
    if (command instanceof QueryCommand) return queryPage(this.#store, command.input, this.#options.clock.now());
    if (command instanceof ScanCommand) return scanPage(this.#store, command.input);
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command.input, fault);
    if (command instanceof BatchWriteItemCommand) return this.#batchWrite(command.input, fault);
    throw new TypeError(`The simulated table knows no ${command.constructor.name}.`);
  }

  #find(key: Item): Item | undefined {
    return this.#store.find(keyOf(key))?.item;
  }

  #get({ Key, ProjectionExpression, ...input }: GetItemCommandInput): object {
    const placeholders = new Placeholders(input);
    const project =
      ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
    placeholders.checkUse();
    const item = this.#find(Key as Item);
    return item === undefined ? {} : { Item: project?.(item) ?? item };
  }

  #putItem(input: PutItemCommandInput): object {
    const item = checked(input.Item as Item);
    const before = this.#find(item);
    const placeholders = new Placeholders(input);
    const showsItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    checkCondition(before, input.ConditionExpression, placeholders, showsItem);
    this.put(item);
    return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
  }

  #update(input: UpdateItemCommandInput): object {
    const key = input.Key as Item;
    const before = this.#find(key);
    const placeholders = new Placeholders(input);
    const { item, names } = updated(before ?? key, input.UpdateExpression ?? '', placeholders);
    checkCondition(before, input.ConditionExpression, placeholders);
    this.put(checked(item));
    const { ReturnValues = 'NONE' } = input;
    if (ReturnValues === 'NONE') return {};
    const [extent, time] = ReturnValues.split('_');
    const source = time === 'NEW' ? item : before;
    if (source === undefined) return {};
    return { Attributes: extent === 'ALL' ? source : pick(source, names) };
  }

  #deleteItem(input: DeleteItemCommandInput): object {
    const key = input.Key as Item;
    const before = this.#find(key);
    checkCondition(before, input.ConditionExpression, new Placeholders(input));
    this.#delete(key);
    return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
  }

  #delete(key: Item): void {
    const { clock, indexDelay, onChange } = this.#options;
    const stored = this.#store.delete(keyOf(key), clock.now() + indexDelay());
    if (stored !== undefined) onChange?.({ kind: 'REMOVE', stored });
  }

  #batchGet({ RequestItems = {} }: BatchGetItemCommandInput, fault: TableFault | undefined): object {
    const { Keys = [], ProjectionExpression, ...input } = RequestItems[this.name] ?? {};
    checkDistinct(Keys.map(keyTextOf), LIMITS.dynamodb.batchGetItems);
    const placeholders = new Placeholders(input);
    const project =
      ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
    placeholders.checkUse();
    const unprocessed = this.#draw(Keys, fault);
    const found = Keys.filter((key) => !unprocessed.has(key)).map((key) => this.#find(key as Item));
    const items = found.filter((item) => item !== undefined);
    return {
      Responses: { [this.name]: items.map((item) => project?.(item) ?? item) },
      UnprocessedKeys:
        unprocessed.size === 0 ? {} : { [this.name]: { ...RequestItems[this.name], Keys: [...unprocessed] } },
    };
  }

  #batchWrite({ RequestItems = {} }: BatchWriteItemCommandInput, fault: TableFault | undefined): object {
    const requests = RequestItems[this.name] ?? [];
    checkDistinct(requests.map(keyOfWrite).map(keyTextOf), LIMITS.dynamodb.batchWriteItems);
    for (const { PutRequest } of requests) if (PutRequest?.Item) checked(PutRequest.Item as Item);
    const unprocessed = this.#draw(requests, fault);
    for (const request of requests) {
      if (unprocessed.has(request)) continue;
      if (request.PutRequest?.Item) this.put(request.PutRequest.Item as Item);
      else this.#delete(keyOfWrite(request));
    }
    return { UnprocessedItems: unprocessed.size === 0 ? {} : { [this.name]: [...unprocessed] } };
  }

  #putAll(items: Parameters<SendPuts>[0], fault: TableFault | undefined): readonly RecordKey[] {
    const keys = items.map(({ s3_object, upload_id }) => JSON.stringify([s3_object, upload_id]));
    checkDistinct(keys, LIMITS.dynamodb.batchWriteItems);
    const unprocessed = this.#draw(items, fault);
    for (const item of items) {
      if (!unprocessed.has(item)) this.put('attributes' in item ? checked(item.attributes) : item);
    }
    return [...unprocessed];
  }

  /** Which entries of a batch call come back: never all of them, because then DynamoDB refuses the call. */
  #draw<T>(entries: readonly T[], fault: TableFault | undefined): ReadonlySet<T> {
    if (fault?.kind !== 'unprocessed') return new Set();
    return new Set(entries.slice(1).filter(() => this.#options.clock.random() < fault.share));
  }
}

function serve<T>(fault: TableFault | undefined, act: (fault?: TableFault) => T): T {
  if (fault?.kind === 'refused') throw unavailable();
  if (fault?.kind === 'denied') throw denied();
  if (fault?.kind === 'throttled') throw throttled();
  return act(fault);
}

/** Does what nobody waits for any more. */
function ignoring(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    // What DynamoDB answers gets lost; an error of the simulation itself does not.
    if (error instanceof TypeError) throw error;
  }
}

function keyOfWrite({ PutRequest, DeleteRequest }: WriteRequest): Item {
  return (PutRequest?.Item ?? DeleteRequest?.Key ?? {}) as Item;
}

function keyTextOf(item: Item): string {
  const { partitionKey, sortKey } = keyOf(item);
  return JSON.stringify([partitionKey, sortKey]);
}
