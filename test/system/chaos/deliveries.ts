import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { InvocationOutcome } from '../../../src/local/lambda/runtime-api.ts';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import type { Histories } from './histories.ts';

/** Name under which the report counts messages that others have overtaken. */
export const OVERTAKEN = 'message: overtaken';

/** What the function was given and how that ended: bounds of what it may say of itself. */
export interface DeliveryCounts {
  /** Messages in all invocations. */
  messages: number;
  /** Messages in the invocations that answered. */
  answered: number;
  /** Records told of, each once an invocation; those of uploads, and their bytes. */
  records: number;
  uploads: number;
  bytes: number;
  /** Messages received after one whose event came later. */
  overtaken: number;
  readonly byBody: Map<string, number>;
}

/** Counts deliveries, and writes them into the histories of their objects. */
export class Deliveries {
  readonly counts: DeliveryCounts = {
    messages: 0,
    answered: 0,
    records: 0,
    uploads: 0,
    bytes: 0,
    overtaken: 0,
    byBody: new Map(),
  };
  readonly #histories: Histories;
  #latest = '';

  constructor(histories: Histories) {
    this.#histories = histories;
  }

  began(payload: string, note: string): void {
    const { Records } = JSON.parse(payload) as SQSEvent;
    const told = new Map<string, { readonly size: number; readonly isUpload: boolean }>();
    for (const message of Records) {
      this.counts.messages += 1;
      this.counts.byBody.set(message.body, (this.counts.byBody.get(message.body) ?? 0) + 1);
      for (const event of eventsOf(message)) {
        const receives = message.attributes.ApproximateReceiveCount;
        this.#histories.note(event.object, `${note}: message ${message.messageId}, receive ${receives}`);
        told.set(`${event.object} ${event.sequencer} ${event.kind} ${event.time}`, event);
        if (event.sequencer < this.#latest) this.counts.overtaken += 1;
        else this.#latest = event.sequencer;
      }
    }
    const uploads = [...told.values()].filter(({ isUpload }) => isUpload);
    this.counts.records += told.size;
    this.counts.uploads += uploads.length;
    this.counts.bytes += uploads.reduce((sum, { size }) => sum + size, 0);
  }

  ended(payload: string, outcome: InvocationOutcome): void {
    const { Records } = JSON.parse(payload) as SQSEvent;
    if (outcome.outcome === 'response') this.counts.answered += Records.length;
    const end = outcome.outcome === 'response' ? outcome.payload.slice(0, 300) : outcome.errorMessage;
    for (const message of Records) {
      for (const { object } of eventsOf(message)) this.#histories.note(object, `  ${outcome.requestId} ended: ${end}`);
    }
  }
}

/** For the books only: what must be in the table is not taken from here. */
function eventsOf({ body }: SQSRecord) {
  try {
    const notification = parseMessageBody(body);
    if (notification.kind !== 'events') return [];
    return notification.events.map(({ bucket, key, sequencer = '', size = 0, eventName, eventTime }) => {
      const isUpload = eventName.startsWith('ObjectCreated:');
      return { object: `${bucket}/${key}`, sequencer, size, kind: eventName, time: eventTime, isUpload };
    });
  } catch {
    // Poison tells of no object.
    return [];
  }
}
