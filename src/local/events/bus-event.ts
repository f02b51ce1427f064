import { randomUUID } from 'node:crypto';
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

/** An entry of PutEvents, as a client sends it. */
export interface PutEventsEntry {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
  /** JSON text of an object. */
  readonly Detail?: string;
  /** Epoch seconds. */
  readonly Time?: number;
  readonly Resources?: readonly string[];
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
