import { handleBatch } from '../../src/consumer/handle-batch.ts';
import type { Quarantine } from '../../src/dead-letters/quarantine.ts';
import { fromItem, type RecordItem, toItem } from '../../src/ledger/item.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { toKeyText } from '../../src/ledger/record-key.ts';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';

export const SHARDS = 4;
const MOST_RECEIVES = 5;

/** What happens to one BatchWriteItem call: so many of its puts come back, or it fails, with or without having taken effect. */
export type CallFate = number | 'refused' | 'throttled' | 'answer-lost';

/** What goes wrong in one invocation. */
export interface Trouble {
  readonly calls: readonly CallFate[];
  /** Whether the sends to the dead-letter queue fail. */
  readonly deadLettersDown: boolean;
  /** Whether the function dies: what it wrote stays, what it answers is lost. */
  readonly dies: boolean;
}

interface Message {
  readonly id: string;
  readonly body: string;
  receives: number;
}

export interface DeadLetter {
  readonly body: string;
  /** Absent when the receives were used up. */
  readonly reason?: string;
}

/** The handler with a queue, a table and a dead-letter queue that are nothing but memory. */
export class MemoryStack {
  readonly table = new Map<string, RecordItem>();
  readonly deadLetters: DeadLetter[] = [];
  /** Calls that held one key twice: DynamoDB refuses the whole of them. */
  spoiltCalls = 0;
  #queue: Message[] = [];
  #sent = 0;

  send(body: string): void {
    this.#sent += 1;
    this.#queue.push({ id: `message-${this.#sent}`, body, receives: 0 });
  }

  get records(): readonly LedgerRecord[] {
    return [...this.table.values()].map(fromItem);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Gives the messages at these places of the queue to a batch, and to a second one at the same time when `twice`. */
  async deliver(places: readonly number[], trouble: Trouble, twice = false): Promise<void> {
    const drawn = [...new Set(places.map((place) => this.#queue[place % this.#queue.length]))];
    const messages = drawn.filter((message) => message !== undefined);
    for (const message of messages) message.receives += 1;
    const other = twice ? this.#invoke(messages, { ...trouble, dies: false }) : undefined;
    const [failed] = await Promise.all([this.#invoke(messages, trouble), other]);
    const done = messages.filter(({ id }) => !trouble.dies && !failed.has(id));
    this.#queue = this.#queue.filter((message) => !done.includes(message));
    for (const message of messages) if (message.receives >= MOST_RECEIVES) this.#bury(message);
  }

  /** Sends dead letters back that `isCurable`. */
  redrive(isCurable: (letter: DeadLetter) => boolean): void {
    for (const letter of this.deadLetters.splice(0)) {
      if (isCurable(letter)) this.send(letter.body);
      else this.deadLetters.push(letter);
    }
  }

  #bury(message: Message): void {
    if (!this.#queue.includes(message)) return;
    this.#queue = this.#queue.filter((other) => other !== message);
    this.deadLetters.push({ body: message.body });
  }

  async #invoke(messages: readonly Message[], trouble: Trouble): Promise<ReadonlySet<string>> {
    const quarantine: Quarantine = async ({ body }, { reason }) => {
      if (trouble.deadLettersDown) throw new Error('injected');
      this.deadLetters.push({ body, reason });
    };
    const remainingMilliseconds = () => 30_000;
    const send = this.#sender(trouble.calls);
    const { response } = await handleBatch(
      sqsEvent(...messages.map(({ id, body }) => sqsMessage({ messageId: id, body }))),
      {
        uploads: {},
        records: { indexShards: SHARDS, source: 'notification' },
        ledger: new LedgerWriter({ send, remainingMilliseconds, clock: { ...systemClock, random: () => 0 } }),
        quarantine,
        onQuarantined: () => undefined,
        remainingMilliseconds,
        clock: systemClock,
      },
    );
    return new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  }

  /** A table that keeps DynamoDB's rule for calls: one key twice spoils the whole call. */
  #sender(fates: readonly CallFate[]): SendPuts {
    let call = 0;
    return async (records) => {
      const fate = fates[call++] ?? 0;
      if (new Set(records.map(toKeyText)).size < records.length) {
        this.spoiltCalls += 1;
        throw Object.assign(new Error('one key twice'), { name: 'ValidationException' });
      }
      if (fate === 'refused') throw Object.assign(new Error('injected'), { name: 'InternalServerError' });
      if (fate === 'throttled') throw Object.assign(new Error('injected'), { name: 'ThrottlingException' });
      if (fate === 'answer-lost') {
        this.#store(records);
        throw Object.assign(new Error('injected'), { code: 'ECONNRESET' });
      }
      this.#store(records.slice(fate));
      return records.slice(0, fate);
    };
  }

  #store(records: Parameters<SendPuts>[0]): void {
    for (const record of records) this.table.set(toKeyText(record), toItem(record));
  }
}
