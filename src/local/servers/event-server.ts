import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LIMITS } from '../../contract/limits.ts';
import { systemClock } from '../../shared/clock.ts';
import { refuseForeignPage } from '../../shared/foreign-page.ts';
import { type BusEvent, type PutEventsEntry, parseEntries, toBusEvent } from '../events/bus-event.ts';
import { busNameOf, DEFAULT_BUS } from '../template/event-resources.ts';
import type { EventRuleResource } from '../template/resources.ts';
import { answerRuleCall } from './rule-operations.ts';
import { type OnCall, toEventCall, toRuleCall } from './service-call.ts';

/** What is to go wrong with one call of PutEvents. */
interface EventCallFault {
  /** The answer, instead of carrying out the call. */
  readonly error?: { readonly status: number; readonly type: string };
  /** Positions of the entries that are refused, as by throttling. */
  readonly refused?: readonly number[];
  /** The call is carried out, and the connection then cut. */
  readonly isCut?: boolean;
}

export interface EventServerOptions {
  readonly onCall?: OnCall;
}

/** Called with each event that a bus has taken, before its sender gets an answer. */
type OnEvent = (bus: string, event: BusEvent) => void;

/** Starts an EventBridge emulator on a free port. */
export async function startEventServer({ onCall }: EventServerOptions = {}): Promise<EventServer> {
  const server = new EventServer(onCall);
  await server.listen();
  return server;
}

/** EventBridge on 127.0.0.1, with faults on request of what is put. Each bus exists that somebody names. */
export class EventServer {
  readonly #server: Server;
  readonly #onCall: OnCall | undefined;
  readonly #listeners: OnEvent[] = [];
  #rules: readonly EventRuleResource[] = [];
  #nextFault: (entries: readonly PutEventsEntry[]) => EventCallFault | undefined = () => undefined;

  constructor(onCall?: OnCall) {
    this.#onCall = onCall;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** Such as `http://127.0.0.1:41234`. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  onEvent(listener: OnEvent): void {
    this.#listeners.push(listener);
  }

  /** The rules of all buses, to be described. */
  setRules(rules: readonly EventRuleResource[]): void {
    this.#rules = rules;
  }

  /** Decides what goes wrong with each call to come; without an argument nothing does. */
  setFaults(nextFault: (entries: readonly PutEventsEntry[]) => EventCallFault | undefined = () => undefined): void {
    this.#nextFault = nextFault;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (refuseForeignPage(request, response)) return;
    const { headers } = request;
    const body = await text(request);
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    if (operation !== 'PutEvents') {
      return this.#answerOther(operation, request, body, response);
    }
    const entries = parseEntries(body);
    if (entries === undefined) {
      const message = 'Expected a JSON object with Entries, whose fields are of the types of PutEvents.';
      return answerError(response, 400, 'SerializationException', message);
    }
    const call = this.#onCall && toEventCall(headers, entries);
    if (call !== undefined) this.#onCall?.(call);
    const fault = this.#nextFault(entries) ?? {};
    if (fault.error !== undefined) {
      return answerError(response, fault.error.status, fault.error.type, 'Refused on request.');
    }
    const invalid = callError(entries);
    if (invalid !== undefined) return answerError(response, 400, 'ValidationException', invalid);
    const results = entries.map((entry, at) => (fault.refused?.includes(at) ? REFUSED : this.#put(entry)));
    const failed = results.filter((result) => 'ErrorCode' in result).length;
    if (fault.isCut) return void response.destroy();
    answer(response, 200, { FailedEntryCount: failed, Entries: results });
  }

  #answerOther(operation: string, { headers }: IncomingMessage, body: string, response: ServerResponse): void {
    const given = answerRuleCall(operation, body, this.#rules);
    if (given !== undefined) {
      const call = this.#onCall && toRuleCall(headers, operation);
      if (call !== undefined) this.#onCall?.(call);
      answer(response, given.status, given.document);
    } else {
      const message = `The local stack does not implement ${operation || 'this request'}: nothing was changed.`;
      answerError(response, 400, 'UnknownOperationException', message);
    }
  }

  #put(entry: PutEventsEntry) {
    const event = toBusEvent(entry, systemClock.now());
    if ('ErrorCode' in event) return event;
    for (const listener of this.#listeners) listener(busNameOf(entry.EventBusName ?? DEFAULT_BUS), event);
    return { EventId: event.id };
  }
}

const REFUSED = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Refused on request.' } as const;

/** What is wrong with a call as a whole. */
function callError(entries: readonly PutEventsEntry[]): string | undefined {
  const { batchEntries, callBytes } = LIMITS.eventbridge;
  if (entries.length < 1 || entries.length > batchEntries) return `Expected 1 to ${batchEntries} entries.`;
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  return bytes > callBytes ? 'Total size of the entries in the request is over the limit.' : undefined;
}

function entryBytes({ Source = '', DetailType = '', Detail = '', Time, Resources = [] }: PutEventsEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, part) => sum + Buffer.byteLength(part), Time === undefined ? 0 : 14);
}

function answerError(response: ServerResponse, status: number, type: string, message: string): void {
  answer(response, status, { __type: type, message });
}

function answer(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(document));
}
