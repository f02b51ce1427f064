import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUARANTINE_DETAIL_LENGTH } from '../../src/contract/quarantine.ts';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { SEED } from '../builders/arbitraries.ts';

const MENTION = { bucket: 'b', key: 'k', filesize: 1, timestamp: '2026-11-22T10:15:00.000Z', uploadId: '1' };

function body(parts: Record<string, unknown> = {}, mention: Record<string, unknown> = {}): string {
  const alert = { uploadLedger: 'alert', id: 'batch/large', rule: 'large', count: 1, bytes: 1, buckets: ['b'] };
  return JSON.stringify({ ...alert, mentions: [{ ...MENTION, ...mention }], ...parts });
}

function refusal(text: string): UnreadableMessageError {
  try {
    parseMessageBody(text);
  } catch (error) {
    if (error instanceof UnreadableMessageError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('an alert message', () => {
  it('is read whole', () => {
    expect(parseMessageBody(body())).toEqual({
      kind: 'alert',
      alert: { id: 'batch/large', rule: 'large', count: 1, bytes: 1, buckets: ['b'], mentions: [MENTION] },
    });
  });

  it.each([
    ['recipients', body({ recipients: ['thief@example.org'] }), '"recipients": expected no such field'],
    ['no rule', body({ rule: undefined }), 'rule: expected 1 to 64 letters'],
    ['half an upload', body({ count: 0.5 }), 'count: expected a whole number, 0 or more, got 0.5'],
    ['no bucket', body({ buckets: [] }), 'buckets: expected an array of 1 to 20, got 0'],
    ['too many uploads by name', body({ mentions: Array(21).fill(MENTION) }), 'mentions: expected an array of 1 to 20'],
    ['a time that is none', body({}, { timestamp: 'now' }), 'mentions: timestamp: expected an ISO 8601 time'],
    ['an upload with more', body({}, { html: '<b>' }), 'mentions: "html": expected no such field'],
    ['an upload that is no object', body({ mentions: ['k'] }), 'mentions: expected an object, got "k"'],
    ['an id that is no text', body({ id: 7 }), 'id: expected a string, got 7'],
    ['a second bucket that is no text', body({ buckets: ['b', 7] }), 'buckets: expected a string, got 7'],
    ['negative numbers', body({ count: -1, bytes: -2 }), 'got -1; bytes: expected a whole number, 0 or more, got -2'],
  ])('with %s is refused', (_, text, fault) => {
    const { code, detail } = refusal(text);
    expect(code).toBe('bad-alert');
    expect(detail).toContain(fault);
  });

  it('may have no bytes, and 20 uploads by name', () => {
    const mentions = Array(20).fill(MENTION);
    expect(parseMessageBody(body({ bytes: 0, mentions }))).toMatchObject({ alert: { bytes: 0, mentions } });
  });

  it('is refused with a reason that fits into an attribute of the dead letter', () => {
    const parts = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`unknown-${number}`, number]));
    expect(refusal(body(parts)).detail).toHaveLength(QUARANTINE_DETAIL_LENGTH);
  });

  it('may say since when its matches were held back', () => {
    const since = '2026-11-22T10:15:00.000Z';
    expect(parseMessageBody(body({ since }))).toMatchObject({ kind: 'alert', alert: { since } });
    expect(refusal(body({ since: 'ever' })).detail).toContain('since: expected an ISO 8601 time');
  });

  it('is not taken from inside an SNS notification', () => {
    const envelope = { Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:1:uploads', Message: body() };
    expect(refusal(JSON.stringify(envelope)).code).toBe('not-an-s3-event');
  });

  it('becomes an alert or an UnreadableMessageError, whatever its fields hold', () => {
    fc.assert(
      fc.property(fc.object(), fc.object(), (parts, mention) => {
        try {
          expect(parseMessageBody(body({ ...parts, uploadLedger: 'alert' }, mention)).kind).toBe('alert');
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableMessageError);
          expect((error as UnreadableMessageError).code).toBe('bad-alert');
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('a message about alerts that were held back', () => {
  const heldBack = (parts: object) => JSON.stringify({ uploadLedger: 'held-back-alerts', ...parts });

  it('names a minute, and nothing else', () => {
    const minute = '2026-11-22T10:15:00.000Z';
    expect(parseMessageBody(heldBack({ minute }))).toEqual({ kind: 'held-back-alerts', heldBack: { minute } });
    for (const parts of [{}, { minute: 'now' }, { minute: 7 }, { minute, rule: 'large' }]) {
      expect(refusal(heldBack(parts)).code).toBe('bad-alert');
    }
    expect(refusal(heldBack({ rule: 'large' })).detail).toMatch(/^minute: expected .*, got nothing; "rule": /);
  });
});
