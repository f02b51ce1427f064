import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ALERT_MENTIONS } from '../../src/contract/alert-message.ts';
import { BODY_FORMATS, WEBHOOK_FORMATS } from '../../src/contract/events.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { eventBodies } from '../../src/events/bodies.ts';
import { toAlertEvent, toDigestEvent, toRecordEvent } from '../../src/events/event.ts';
import { sizeOf, toEntry } from '../../src/events/publish.ts';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { SEED, uploads } from '../builders/arbitraries.ts';
import { upload } from '../builders/upload.ts';
import { schemaErrors } from './event-schemas.ts';

const TARGET = { eventBus: 'uploads', tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads' };
const settings = { indexShards: 8, source: 'notification' } as const;
const recordEvent = (key: string) => toRecordEvent(toLedgerRecord(upload({ key, filename: key }), settings));

/** What takes most bytes in JSON: six for each character. */
const WIDE = '\u0001';

function alertOf(key: string) {
  const mention = { bucket: 'b'.repeat(63), key, filesize: 1, timestamp: '2026-11-22T10:15:30.000Z', uploadId: '1' };
  const mentions = Array.from({ length: MAX_ALERT_MENTIONS }, () => ({ ...mention, uploader: key }));
  return toAlertEvent({ id: 'a1', rule: { name: 'large' }, count: 50, bytes: 9, buckets: ['b'], mentions });
}

/** Bytes that an API destination takes in all. Source: EventBridge API reference, `ConnectionBodyParameter`. */
const MAX_BODY_BYTES = 64 * 1024;

describe('the body for programs', () => {
  it('is the event with its type and the time when it happened', () => {
    const event = recordEvent('photos/cat.jpg');
    const { json } = eventBodies(event, ['json']);
    expect(json).toEqual({ type: 'UploadRecorded', time: '2026-11-22T10:15:30.123Z', ...event.detail });
    expect(Object.keys(json ?? {})).toEqual(['type', 'version', 'id', 'time', 'summary', 'record']);
  });

  it('of an alert has the time of the last object that it names, of a digest the end of its window', () => {
    const totals = {
      uploads: 1,
      bytes: 1,
      deletes: 0,
      versions_deleted: 0,
      restores: 0,
      messages_failed: 0,
      messages_quarantined: 0,
      alerts_held_back: 0,
    };
    const window = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
    const digest = toDigestEvent({ name: 'daily', ...window, totals });
    expect(eventBodies(digest, ['json']).json).toMatchObject({ type: 'DigestReady', time: window.to });
    expect(eventBodies(alertOf('a'), ['json']).json).toMatchObject({ time: '2026-11-22T10:15:30.000Z' });
  });

  it('names as many objects of an alert as an API destination takes, and the number of all', () => {
    const small = eventBodies(alertOf('a.txt'), ['json']).json;
    expect(small).toMatchObject({ alert: { count: 50, objects: Array(MAX_ALERT_MENTIONS).fill({}) } });
    const large = eventBodies(alertOf(WIDE.repeat(1024)), ['json']).json as { alert: { objects: object[] } };
    expect(large.alert.objects.length).toBeGreaterThan(0);
    expect(large.alert.objects.length).toBeLessThan(MAX_ALERT_MENTIONS);
    expect(Buffer.byteLength(JSON.stringify(large))).toBeLessThan(MAX_BODY_BYTES);
  });
});

describe('the bodies of all formats', () => {
  const widest = toRecordEvent(
    toLedgerRecord(
      upload({
        key: WIDE.repeat(1024),
        filename: WIDE.repeat(1024),
        bucket: 'b'.repeat(63),
        uploader: WIDE.repeat(2_000),
        contentType: WIDE.repeat(5_000),
        sourceIp: WIDE.repeat(5_000),
        eTag: WIDE.repeat(5_000),
        versionId: WIDE.repeat(900),
        requestId: WIDE.repeat(5_000),
        region: WIDE.repeat(5_000),
      }),
      settings,
    ),
  );

  it.each([
    ['a record', widest],
    ['an alert', alertOf(WIDE.repeat(1024))],
  ])('fit into EventBridge and an API destination, however long the texts of %s are', (_, event) => {
    for (const body of Object.values(eventBodies(event, BODY_FORMATS))) {
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(MAX_BODY_BYTES);
    }
    expect(sizeOf(toEntry(event, { ...TARGET, formats: BODY_FORMATS }))).toBeLessThan(LIMITS.eventbridge.callBytes);
  });

  it('are valid JSON that says what the detail says, for every upload', () => {
    fc.assert(
      fc.property(uploads(), (one) => {
        const event = toRecordEvent(toLedgerRecord(one, settings));
        const detail = JSON.parse(toEntry(event, { ...TARGET, formats: WEBHOOK_FORMATS }).Detail);
        expect(Object.keys(detail.bodies)).toEqual([...WEBHOOK_FORMATS]);
        expect(detail.bodies.json).toMatchObject({ id: detail.id, summary: detail.summary, record: detail.record });
        expect(schemaErrors(event.type, detail.bodies.json)).toEqual([]);
        expect(detail.bodies.slack.text).toBe(detail.summary);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('are in no event where there are no webhooks', () => {
    expect(JSON.parse(toEntry(recordEvent('a'), TARGET).Detail)).not.toHaveProperty('bodies');
    expect(JSON.parse(toEntry(recordEvent('a'), { ...TARGET, formats: [] }).Detail)).not.toHaveProperty('bodies');
  });

  it('are those of the formats that somebody asks for', () => {
    expect(Object.keys(eventBodies(recordEvent('a'), ['teams']))).toEqual(['teams']);
  });
});
