import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { EventEntry, PutEvents } from '../../src/events/publish.ts';

/** What becomes of one entry in one call; undefined: it is on the bus. */
type EntryFault = (entry: EventEntry, call: number) => PutEventsResultEntry | undefined;

interface BusFaults {
  /** Thrown instead of an answer. @param call Counted from 1. */
  readonly failCall?: (call: number, entries: readonly EventEntry[]) => Error | undefined;
  readonly failEntry?: EntryFault;
}

export interface BusDouble {
  readonly putEvents: PutEvents;
  /** Entries that are on the bus, in the order in which they came. */
  readonly events: EventEntry[];
  /** Number of entries of each call. */
  readonly calls: number[];
}

/** An event bus in memory, which fails as it is told. */
export function busDouble({ failCall, failEntry }: BusFaults = {}): BusDouble {
  const bus: BusDouble = {
    events: [],
    calls: [],
    putEvents: async (entries) => {
      const call = bus.calls.push(entries.length);
      const error = failCall?.(call, entries);
      if (error !== undefined) throw error;
      return entries.map((entry) => {
        const fault = failEntry?.(entry, call);
        if (fault !== undefined) return fault;
        bus.events.push(entry);
        return { EventId: `event-${bus.events.length}` };
      });
    },
  };
  return bus;
}

/** An error as the SDK throws it. */
export function serviceError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}
