import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUARANTINE_DETAIL_LENGTH, QUARANTINE_REASONS } from '../../src/contract/quarantine.ts';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { objectKeys, SEED } from '../builders/arbitraries.ts';
import { eventBridgeMessage } from '../builders/eventbridge-event.ts';
import { s3EventRecord, s3Message, snsMessage } from '../builders/s3-event.ts';

/** What SQS takes in a message attribute (AWS: SendMessage), which rules out most controls and lone surrogates. */
const SQS_TEXT = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;

/** Whole events with something odd at a random place, so that the parser is searched beyond its first check. */
function nearlyEvents(): fc.Arbitrary<string> {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('%', 'f', '\ud800', '+') }),
    fc.string({ unit: fc.constantFrom('\u0000', '\uffff', '😀'), minLength: 30 }),
  );
  const places = [
    'eventName',
    'eventTime',
    'eventVersion',
    'eventSource',
    'bucket',
    'encodedKey',
    'principalId',
    'sourceIp',
  ] as const;
  const objects = fc.dictionary(fc.constantFrom('key', 'size', 'eTag', 'versionId', 'sequencer'), odd);
  const record = fc
    .record({ place: fc.constantFrom(...places), value: odd, object: objects })
    .map(({ place, value, object }) => s3EventRecord({ [place]: value, object }));
  const bridged = fc
    .record({
      key: odd,
      time: odd,
      detailType: fc.string(),
      object: objects,
      detail: fc.dictionary(fc.constantFrom('reason', 'bucket', 'requester', 'event-version'), odd),
    })
    .map(eventBridgeMessage);
  const envelope = fc.oneof(
    fc.array(fc.oneof(record, odd), { maxLength: 3 }).map((records) => s3Message(...records)),
    bridged,
  );
  return fc.oneof(envelope, envelope.map(snsMessage));
}

describe('parseMessageBody with any body', () => {
  const bodies = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.jsonValue().map((value) => s3Message(value)),
    nearlyEvents(),
  );

  it('returns a notification or throws a reason that fits a message attribute', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        for (const { reason, detail } of complaints(body)) {
          expect(QUARANTINE_REASONS).toContain(reason);
          expect(detail).toMatch(SQS_TEXT);
          expect(detail.length).toBeLessThanOrEqual(QUARANTINE_DETAIL_LENGTH);
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('returns only events that the ledger can store', () => {
    fc.assert(
      fc.property(nearlyEvents(), (body) => {
        for (const event of events(body)) {
          const texts = Object.values(event).filter((value) => typeof value === 'string');
          expect(texts.every((text) => text !== '' && text.isWellFormed())).toBe(true);
          expect(new Date(event.eventTime).toISOString()).toBe(event.eventTime);
          expect(event.bucket).not.toContain('/');
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('returns the same for the same body', () => {
    fc.assert(
      fc.property(nearlyEvents(), (body) => {
        expect(outcome(body)).toEqual(outcome(body));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('parseMessageBody with any key', () => {
  it('returns it from every envelope as it was uploaded', () => {
    fc.assert(
      fc.property(objectKeys(), (key) => {
        const body = s3Message(s3EventRecord({ key }));
        const expected = [expect.objectContaining({ key })];
        expect(events(body)).toEqual(expected);
        expect(events(snsMessage(body))).toEqual(expected);
        expect(events(eventBridgeMessage({ key }))).toEqual(expected);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('returns it when every byte is percent-encoded, as MinIO and moto send it', () => {
    fc.assert(
      fc.property(objectKeys(), (key) => {
        expect(events(s3Message(s3EventRecord({ encodedKey: encodeURIComponent(key) })))).toMatchObject([{ key }]);
      }),
      { seed: SEED },
    );
  });
});

function outcome(body: string) {
  try {
    return parseMessageBody(body);
  } catch (error) {
    // Anything else that is thrown fails the property.
    if (error instanceof UnreadableMessageError) return { reason: error.code, detail: error.detail };
    throw error;
  }
}

function events(body: string) {
  const result = outcome(body);
  return 'kind' in result && result.kind === 'events' ? result.events : [];
}

function complaints(body: string) {
  const result = outcome(body);
  if ('reason' in result) return [result];
  return result.kind === 'events' ? result.unreadable : [];
}
