import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { SEED } from '../builders/arbitraries.ts';

const DIGEST = { name: 'daily', recipients: ['team@example.com'] };

/** The message as EventBridge Scheduler sends it. */
function body(parts: Record<string, unknown> = {}, digest: Record<string, unknown> = {}): string {
  const tick = { uploadLedger: 'digest-tick', scheduledTime: '2026-11-22T10:15:00Z', digest: { ...DIGEST, ...digest } };
  return JSON.stringify({ ...tick, ...parts });
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

describe('a digest tick', () => {
  it('is read with all its fields', () => {
    const digest = { ...DIGEST, timeZone: 'Europe/Berlin', minimumUploads: 5 };
    expect(parseMessageBody(body({ until: '2026-11-22T10:15:03.250Z' }, digest))).toEqual({
      kind: 'digest-tick',
      tick: { scheduledTime: '2026-11-22T10:15:00.000Z', until: '2026-11-22T10:15:03.250Z', digest },
    });
  });

  it('needs no more than a time, a name and recipients', () => {
    expect(parseMessageBody(body())).toEqual({
      kind: 'digest-tick',
      tick: { scheduledTime: '2026-11-22T10:15:00.000Z', digest: { ...DIGEST, timeZone: 'UTC', minimumUploads: 1 } },
    });
  });

  it.each([
    ['another name for itself', body({ uploadLedger: 'digest' }), 'uploadLedger: expected "digest-tick", got "digest"'],
    ['no time', body({ scheduledTime: undefined }), 'scheduledTime: expected an ISO 8601 time'],
    ['a time that nobody filled in', body({ scheduledTime: '<aws.scheduler.scheduled-time>' }), 'got "<aws.scheduler'],
    ['an end that is no time', body({ until: 'now' }), 'until: expected an ISO 8601 time'],
    ['no digest', body({ digest: undefined }), 'digest: expected an object, got nothing'],
    ['a name with a slash', body({}, { name: 'a/b' }), 'digest.name: expected 1 to 64 letters, digits, - and _'],
    ['no recipients', body({}, { recipients: [] }), 'digest.recipients: expected an array of 1 to 50'],
    ['a recipient that is no address', body({}, { recipients: ['a@example.com', 'b'] }), 'got "b"'],
    ['a header in an address', body({}, { recipients: ['a@example.com\r\nBcc: b@example.com'] }), 'digest.recipients'],
    [
      'a time zone that nobody knows',
      body({}, { timeZone: 'Mars/Base' }),
      'digest.timeZone: expected an IANA time zone',
    ],
    [
      'a minimum of none',
      body({}, { minimumUploads: 0 }),
      'digest.minimumUploads: expected a whole number of 1 or more',
    ],
    [
      'a wait that is no number of days',
      body({}, { maxWaitDays: -1 }),
      'digest.maxWaitDays: expected a whole number of days, 0 or more',
    ],
    ['a field that nobody knows', body({ schedule: 'daily' }), '"schedule": expected no such field'],
    ['a setting that nobody knows', body({}, { minimumUplaods: 3 }), 'digest."minimumUplaods": expected no such field'],
  ])('with %s is refused', (_, text, fault) => {
    const { code, detail } = refusal(text);
    expect(code).toBe('bad-digest-tick');
    expect(detail).toContain(fault);
  });

  it('is refused with all issues at once', () => {
    const { detail } = refusal(body({ scheduledTime: 1 }, { name: '', recipients: 'team@example.com' }));
    expect(detail).toBe(
      'scheduledTime: expected an ISO 8601 time such as 2026-11-22T10:15:00Z, got 1; ' +
        'digest.name: expected 1 to 64 letters, digits, - and _, got ""; ' +
        'digest.recipients: expected an array of 1 to 50 email addresses, got "team@example.com"',
    );
    expect(refusal(body({ digest: undefined })).detail).toBe('digest: expected an object, got nothing');
  });

  it('is not taken from inside an SNS notification', () => {
    const envelope = { Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:1:uploads', Message: body() };
    expect(refusal(JSON.stringify(envelope)).code).toBe('not-an-s3-event');
  });

  it('becomes a tick or an UnreadableMessageError, whatever its fields hold', () => {
    fc.assert(
      fc.property(fc.object(), fc.object(), (parts, digest) => {
        try {
          expect(parseMessageBody(body(parts, digest)).kind).toBe('digest-tick');
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableMessageError);
          expect((error as UnreadableMessageError).code).toBe('bad-digest-tick');
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
