import type { BodyFormat } from '../contract/events.ts';
import { chatNotification, slackBody, teamsBody } from './chat-bodies.ts';
import { type LedgerEvent, objectsWithin } from './event.ts';

/** The bodies that receivers get, finished, by format. */
type EventBodies = Readonly<Partial<Record<BodyFormat, object>>>;

const BODIES: Readonly<Record<BodyFormat, (event: LedgerEvent) => object | undefined>> = {
  json: jsonBody,
  slack: slackBody,
  teams: teamsBody,
  chat: chatNotification,
};

/** Those of the formats that somebody asks for. Pure: the same event has the same bodies. */
export function eventBodies(event: LedgerEvent, formats: readonly BodyFormat[]): EventBodies {
  const bodies = formats.map((format) => [format, BODIES[format](event)] as const);
  return Object.fromEntries(bodies.filter(([, body]) => body !== undefined));
}

/** The event as programs get it from a webhook: what is in its detail, its type, and when it happened. */
function jsonBody({ type, detail }: LedgerEvent) {
  const time = timeOf(detail);
  const shown =
    'alert' in detail
      ? { alert: { ...detail.alert, objects: objectsWithin(detail.alert.objects, MAX_OBJECTS_BYTES) } }
      : {};
  const { version, id, summary, ...rest } = detail;
  return { type, version, id, ...(time !== undefined && { time }), summary, ...rest, ...shown };
}

/** Of the upload or delete, of the last object that an alert names, of the end of a digest's window. */
function timeOf(detail: LedgerEvent['detail']): string | undefined {
  if ('record' in detail) return detail.record.timestamp;
  return 'digest' in detail ? detail.digest.to : detail.alert.objects.at(-1)?.timestamp;
}

/**
 * Bytes of JSON for the objects of one alert: an API destination takes 64 KB in all.
 *
 * Source: EventBridge API reference, `ConnectionBodyParameter`.
 */
const MAX_OBJECTS_BYTES = 48 * 1_024;
