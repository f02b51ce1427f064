import type { EventRecord } from '../../src/notification/event-record.ts';

/** A parsed event record of a put. */
export function eventRecord(parts: Partial<EventRecord> = {}): EventRecord {
  return {
    eventName: 'ObjectCreated:Put',
    eventTime: '2026-11-22T10:15:30.123Z',
    bucket: 'acme-uploads',
    key: 'photos/cat.jpg',
    ...parts,
  };
}
