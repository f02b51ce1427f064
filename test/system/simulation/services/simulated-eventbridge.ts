import {
  EventBridgeServiceException,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import { connectionReset, requestTimeout } from './sdk-retries.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one call. */
export type BusFault =
  | { readonly kind: 'unavailable' | 'throttled' }
  /** It is done, and the connection breaks before the answer comes. */
  | { readonly kind: 'answer-lost' }
  /** The client gives it up: it is never done, or after that. */
  | { readonly kind: 'stalled' | 'late' }
  /** Share of the entries that are not accepted. */
  | { readonly kind: 'entries'; readonly share: number };

/** An event that the bus has accepted. */
export interface AcceptedEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly source: string;
  readonly type: string;
  readonly resources: readonly string[];
  /** JSON text. */
  readonly detail: string;
}

export interface EventBridgeOptions {
  readonly clock: VirtualClock;
  readonly fault: () => BusFault | undefined;
}

/** Milliseconds of one call. */
const LATENCY_MS = { min: 5, max: 30 } as const;
/** Milliseconds after which the client gives up a call that nobody answers, and most milliseconds after that until a late one is done. */
const REQUEST_TIMEOUT_MS = 3 * SECOND_MS;
const MAX_LATE_MS = 2 * SECOND_MS;
/** Source: EventBridge API reference, `PutEvents`. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;

/** A bus of EventBridge, as a client without retries sees it. */
export class SimulatedEventBridge {
  readonly accepted: AcceptedEvent[] = [];
  readonly #options: EventBridgeOptions;

  constructor(options: EventBridgeOptions) {
    this.#options = options;
  }

  /** One PutEvents call. */
  async put(entries: readonly PutEventsRequestEntry[], signal?: AbortSignal): Promise<PutEventsResultEntry[]> {
    const { clock, fault: decide } = this.#options;
    const fault = decide();
    if (fault?.kind === 'stalled' || fault?.kind === 'late') {
      const lateMs = REQUEST_TIMEOUT_MS + clock.random() * MAX_LATE_MS;
      if (fault.kind === 'late') clock.after(lateMs, () => this.#accept(entries));
      await clock.sleep(REQUEST_TIMEOUT_MS, signal);
      throw requestTimeout(REQUEST_TIMEOUT_MS);
    }
    const milliseconds = LATENCY_MS.min + clock.random() * (LATENCY_MS.max - LATENCY_MS.min);
    const done = clock.sleep(milliseconds / 2).then(() => this.#accept(entries, fault));
    done.catch(() => undefined);
    await clock.sleep(milliseconds, signal);
    const answer = await done;
    if (fault?.kind === 'answer-lost') throw connectionReset();
    return answer;
  }

  #accept(entries: readonly PutEventsRequestEntry[], fault?: BusFault): PutEventsResultEntry[] {
    if (fault?.kind === 'unavailable') throw refusal('InternalException', 500);
    if (fault?.kind === 'throttled') throw refusal('ThrottlingException', 400);
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (entries.length === 0 || entries.length > MAX_ENTRIES || bytes > MAX_BYTES)
      throw refusal('ValidationException', 400);
    const { clock } = this.#options;
    return entries.map((entry) => {
      if (fault?.kind === 'entries' && clock.random() < fault.share)
        return { ErrorCode: 'InternalFailure', ErrorMessage: 'The event could not be put.' };
      const { Source: source = '', DetailType: type = '', Resources: resources = [], Detail: detail = '' } = entry;
      this.accepted.push({ at: clock.now(), source, type, resources, detail });
      return { EventId: `event-${this.accepted.length}` };
    });
  }
}

function sizeOf({ Source = '', DetailType = '', Resources = [], Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source + DetailType + Resources.join('') + Detail);
}

function refusal(name: string, httpStatusCode: number): EventBridgeServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new EventBridgeServiceException({ name, $fault, message: name, $metadata: { httpStatusCode } });
}
