import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../identity.ts';

/** An event as rules match it and targets get it. Source: EventBridge User Guide, "Events". */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** In whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Longest time from 1970 that a date can have. Source: ECMAScript, "Time Values and Time Range". */
const MAX_TIME_SECONDS = 8.64e12;

const ENTRY = z.object({
  EventBusName: z.string().exactOptional(),
  Source: z.string().exactOptional(),
  DetailType: z.string().exactOptional(),
  /** JSON text of an object. */
  Detail: z.string().exactOptional(),
  /** Epoch seconds. */
  Time: z.number().min(-MAX_TIME_SECONDS).max(MAX_TIME_SECONDS).exactOptional(),
  Resources: z.array(z.string()).readonly().exactOptional(),
});

const CALL = z.object({ Entries: z.array(ENTRY).readonly().default([]) }).default({ Entries: [] });

/** An entry of PutEvents, as a client sends it. */
export type PutEventsEntry = Readonly<z.infer<typeof ENTRY>>;

/**
 * The entries in the body of a call of PutEvents. What is null in it counts as absent.
 *
 * @returns Undefined for what is no such body.
 */
export function parseEntries(body: string): readonly PutEventsEntry[] | undefined {
  try {
    return CALL.parse(JSON.parse(body, (_, value: unknown) => value ?? undefined)).Entries;
  } catch {
    return undefined;
  }
}

/** Why an entry is no event. Source: EventBridge API reference, `PutEventsResultEntry`. */
interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** @param now Epoch milliseconds: the event's time when the entry has none. */
export function toBusEvent(entry: PutEventsEntry, now: number): BusEvent | EntryError {
  const { Source: source, DetailType: detailType, Detail = '', Time: time, Resources: resources = [] } = entry;
  if (!source || !detailType)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source and DetailType are required.' };
  const detail = parseDetail(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: LOCAL_ACCOUNT_ID,
    time: new Date(time === undefined ? now : time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: LOCAL_REGION,
    resources,
    detail,
  };
}

function parseDetail(text: string): BusEvent['detail'] | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? { ...detail } : undefined;
  } catch {
    return undefined;
  }
}
