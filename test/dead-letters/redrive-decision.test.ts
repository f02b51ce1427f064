import { describe, expect, it } from 'vitest';
import { ledgerQueues } from '../../src/dead-letters/queues.ts';
import { decideRedrive, decisionText } from '../../src/dead-letters/redrive-decision.ts';
import { systemClock as clock } from '../../src/shared/clock.ts';
import { s3EventRecord, s3Message, testEventMessage } from '../builders/s3-event.ts';
import { goodBody, SETTINGS } from './dead-letter-queues.ts';

describe('decideRedrive', () => {
  it('names the records that it would store', () => {
    const decision = decideRedrive(goodBody(7), SETTINGS);
    expect(decision).toMatchObject({ succeeds: true, kind: 'events', records: [{ s3_key: 'file-7.txt' }] });
  });

  it('accepts test events, and events that the ledger does not store', () => {
    expect(decideRedrive(testEventMessage(), SETTINGS)).toEqual({ succeeds: true, kind: 'test-event', records: [] });
    const tagging = s3Message(s3EventRecord({ eventName: 'ObjectTagging:Put' }));
    expect(decideRedrive(tagging, SETTINGS)).toEqual({ succeeds: true, kind: 'events', records: [] });
  });

  it("names them as the stack's function would, with its key template and its retention", () => {
    const resources = { queueUrl: '', deadLetterQueueUrl: '', tableName: '', indexShards: 4 };
    const stack = { ...resources, uploaderKeyTemplate: 'in/{uploader}/{*}', retentionDays: 2 };
    const { settings } = ledgerQueues({
      sqs: {} as never,
      dynamodb: async () => ({}) as never,
      resources: stack,
      clock,
    });
    const body = s3Message(s3EventRecord({ key: 'in/alice/a.txt', eventTime: '2026-11-22T10:00:00.000Z' }));
    const expires_at = Date.parse('2026-11-24T10:00:00Z') / 1000;
    expect(decideRedrive(body, settings)).toMatchObject({
      records: [{ uploader: 'alice', uploader_source: 'key-template', expires_at }],
    });
  });

  it('gives the reason that quarantine would have', () => {
    expect(decideRedrive('noise', SETTINGS)).toMatchObject({ succeeds: false, reason: 'not-json' });
    expect(decideRedrive('{"Records":[]}', SETTINGS)).toMatchObject({ succeeds: false, reason: 'no-records' });
    const half = s3Message(s3EventRecord(), s3EventRecord({ encodedKey: '%' }));
    expect(decideRedrive(half, SETTINGS)).toMatchObject({ succeeds: false, reason: 'key-not-decodable' });
    const long = s3Message(s3EventRecord({ key: 'x'.repeat(3000) }));
    expect(decideRedrive(long, SETTINGS)).toMatchObject({ succeeds: false, reason: 'record-too-large' });
  });
});

describe('decisionText', () => {
  const text = (body: string) => decisionText(decideRedrive(body, SETTINGS));

  it('says in one line what a message would store', () => {
    expect(text(goodBody(7))).toBe('uploaded s3://acme-uploads/file-7.txt');
    const three = s3Message(...['a', 'b', 'c'].map((key) => s3EventRecord({ key })));
    expect(text(three)).toBe('uploaded s3://acme-uploads/a and 2 more');
    expect(text(testEventMessage())).toBe('a test event of S3, which stores nothing');
    expect(text(s3Message(s3EventRecord({ eventName: 'ObjectTagging:Put' })))).toMatch(/does not store$/);
  });

  it('says why a message would fail again', () => {
    expect(text('noise')).toMatch(/^not-json: expected /);
  });
});
