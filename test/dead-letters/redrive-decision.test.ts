import { describe, expect, it } from 'vitest';
import { judge } from '../../src/dead-letters/redrive-decision.ts';
import { s3EventRecord, s3Message, testEventMessage } from '../builders/s3-event.ts';
import { goodBody, VERDICT } from './dead-letter-queues.ts';

describe('the verdict on a message', () => {
  it('names the records that it would store', () => {
    const verdict = judge(goodBody(7), VERDICT);
    expect(verdict).toMatchObject({ succeeds: true, kind: 'events', records: [{ s3_key: 'file-7.txt' }] });
  });

  it('takes test events, and events that the ledger does not store', () => {
    expect(judge(testEventMessage(), VERDICT)).toEqual({ succeeds: true, kind: 'test-event', records: [] });
    const tagging = s3Message(s3EventRecord({ eventName: 'ObjectTagging:Put' }));
    expect(judge(tagging, VERDICT)).toEqual({ succeeds: true, kind: 'events', records: [] });
  });

  it('tells the reason that quarantine would have', () => {
    expect(judge('noise', VERDICT)).toMatchObject({ succeeds: false, reason: 'not-json' });
    expect(judge('{"Records":[]}', VERDICT)).toMatchObject({ succeeds: false, reason: 'no-records' });
    const half = s3Message(s3EventRecord(), s3EventRecord({ encodedKey: '%' }));
    expect(judge(half, VERDICT)).toMatchObject({ succeeds: false, reason: 'key-not-decodable' });
    const long = s3Message(s3EventRecord({ key: 'x'.repeat(3000) }));
    expect(judge(long, VERDICT)).toMatchObject({ succeeds: false, reason: 'record-too-large' });
  });
});
