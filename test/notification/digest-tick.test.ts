import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { SEED } from '../builders/arbitraries.ts';

const DIGEST = { name: 'daily' };

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
  it('is read: its time, the name of its digest, and an end where it has one', () => {
    const tick = { scheduledTime: '2026-11-22T10:15:00.000Z', digestName: 'daily' };
    expect(parseMessageBody(body())).toEqual({ kind: 'digest-tick', tick });
    expect(parseMessageBody(body({ until: '2026-11-22T10:15:03.250Z' }))).toEqual({
      kind: 'digest-tick',
      tick: { ...tick, until: '2026-11-22T10:15:03.250Z' },
    });
  });

  it('of an earlier version is read without the settings of its digest, whatever they are', () => {
    const settings = { recipients: ['team@example.com'], timeZone: 'Mars/Base', minimumUploads: -1, maxWaitDays: 33 };
    expect(parseMessageBody(body({}, settings))).toEqual(parseMessageBody(body()));
  });

  it.each([
    ['another name for itself', body({ uploadLedger: 'digest' }), 'uploadLedger: expected "digest-tick", got "digest"'],
    ['no time', body({ scheduledTime: undefined }), 'scheduledTime: expected an ISO 8601 time'],
    ['a time that nobody filled in', body({ scheduledTime: '<aws.scheduler.scheduled-time>' }), 'got "<aws.scheduler'],
    ['an end that is no time', body({ until: 'now' }), 'until: expected an ISO 8601 time'],
    ['no digest', body({ digest: undefined }), 'digest: expected an object, got nothing'],
    ['a name with a slash', body({}, { name: 'a/b' }), 'digest.name: expected 1 to 64 letters, digits, - and _'],
    ['a field that nobody knows', body({ schedule: 'daily' }), '"schedule": expected no such field'],
  ])('with %s is refused', (_, text, fault) => {
    const { code, detail } = refusal(text);
    expect(code).toBe('bad-digest-tick');
    expect(detail).toContain(fault);
  });

  it('is refused with all issues at once', () => {
    const { detail } = refusal(body({ scheduledTime: 1 }, { name: '' }));
    expect(detail).toBe(
      'scheduledTime: expected an ISO 8601 time such as 2026-11-22T10:15:00Z, got 1; ' +
        'digest.name: expected 1 to 64 letters, digits, - and _, got ""',
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
