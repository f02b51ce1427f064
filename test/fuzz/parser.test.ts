import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formUrlEncode } from '../../src/contract/s3-notifications.ts';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { RecordTooLargeError, recordKey } from '../../src/ledger/record-key.ts';
import { readObjectKey } from '../../src/notification/event-record.ts';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { toUpload } from '../../src/upload/upload.ts';
import { objectKeys } from '../builders/arbitraries.ts';
import { damaged, withOddPart } from './mutated.ts';

const EVENTS = path.resolve(import.meta.dirname, '../fixtures/events');
const CORPUS = globSync('*.json', { cwd: EVENTS }).map((file) => readFileSync(path.join(EVENTS, file), 'utf8'));

/** Everything that is done to a message before it is written. What is thrown must be one of the two errors that say why. */
function digest(body: string): void {
  try {
    const notification = parseMessageBody(body);
    if (notification.kind !== 'events') return;
    for (const event of notification.events) {
      const upload = toUpload(event, {});
      if (upload !== undefined) toLedgerRecord(upload, { indexShards: 8, source: 'notification' });
    }
  } catch (error) {
    if (!(error instanceof UnreadableMessageError) && !(error instanceof RecordTooLargeError)) throw error;
  }
}

describe('the corpus of events from every sender', () => {
  it('is found', () => {
    expect(CORPUS.length).toBeGreaterThan(35);
  });

  it('crashes nothing when its text is damaged', () => {
    fc.assert(fc.property(damaged(fc.constantFrom(...CORPUS)), digest), { seed: 1, numRuns: 5_000 });
  });

  it('crashes nothing when a part of it is something else', () => {
    const bodies = fc.constantFrom(...CORPUS).chain((text) => withOddPart(JSON.parse(text)));
    const property = fc.property(bodies, (body) => digest(JSON.stringify(body) ?? ''));
    fc.assert(property, { seed: 2, numRuns: 5_000 });
  });
});

describe('readObjectKey', () => {
  it('returns every key that S3 may encode', () => {
    const property = fc.property(objectKeys(), (key) => {
      expect(readObjectKey(formUrlEncode(key), 'form', 'key')).toBe(key);
    });
    fc.assert(property, { seed: 3, numRuns: 2_000 });
  });

  it('returns a well-formed key or throws a reason, for any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('%', '+', 'e', '2', 'F', 'ä', '\ud800', '%E4', '%F0%9F', '\u0000') }),
    );
    const property = fc.property(text, fc.constantFrom('form' as const, 'plain' as const), (given, encoding) => {
      try {
        expect(readObjectKey(given, encoding, 'key').isWellFormed()).toBe(true);
      } catch (error) {
        if (!(error instanceof UnreadableMessageError)) throw error;
      }
    });
    fc.assert(property, { seed: 4, numRuns: 5_000 });
  });

  it('makes different keys of the table for different events of S3', () => {
    const event = fc.record({ key: fc.string({ unit: fc.constantFrom('a', '/', '#', '\u0000'), maxLength: 4 }) });
    const sequencer = fc.bigInt({ min: 1n, max: 2n ** 72n - 1n }).map((n) => n.toString(16).padStart(18, '0'));
    const property = fc.property(event, sequencer, event, sequencer, (one, oneSequencer, other, otherSequencer) => {
      const keyOf = (key: string, given: string) =>
        recordKey({
          bucket: 'b',
          key,
          sequencer: given.toUpperCase(),
          eventName: 'ObjectCreated:Put',
          eventTime: '',
        } as never);
      const isSame = one.key === other.key && oneSequencer === otherSequencer;
      expect(JSON.stringify(keyOf(one.key, oneSequencer)) === JSON.stringify(keyOf(other.key, otherSequencer))).toBe(
        isSame,
      );
    });
    fc.assert(property, { seed: 5, numRuns: 2_000 });
  });
});
