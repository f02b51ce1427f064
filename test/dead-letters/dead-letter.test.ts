import { describe, expect, it } from 'vitest';
import { toDeadLetter } from '../../src/dead-letters/dead-letter-message.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { goodBody } from './dead-letter-queues.ts';

const SOURCE = 'arn:aws:sqs:eu-central-1:111122223333:uploads';

/** A received dead letter with these message attributes, moved by SQS or not. */
function received(attributes: Readonly<Record<string, string>>, isMoved = false, Body = 'body') {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  return toDeadLetter({
    MessageId: 'm1',
    Body,
    MessageAttributes,
    Attributes: { ApproximateReceiveCount: '6', ...(isMoved && { DeadLetterQueueSourceArn: SOURCE }) },
  });
}

const quarantined = { reason: 'unsupported-version', detail: 'expected 2.x', original_message_id: 'm0' };

describe('the reason of a dead letter', () => {
  it('is the one that quarantine wrote, with its detail', () => {
    const letter = { reason: 'unsupported-version', detail: 'expected 2.x', originalMessageId: 'm0' };
    expect(received(quarantined)).toMatchObject(letter);
  });

  it('is used-up retries when SQS moved the message, whatever quarantine wrote another time', () => {
    const letter = received(quarantined, true);
    expect(letter.reason).toBe('retries-used-up');
    expect(letter).not.toHaveProperty('detail');
    expect(letter).not.toHaveProperty('originalMessageId');
  });

  it("is never taken from a sender's own attribute", () => {
    const letter = received({ reason: 'not-json', detail: 'mine' }, false, goodBody(1));
    expect(letter).toMatchObject({ reason: 'sent-directly' });
    expect(letter).not.toHaveProperty('detail');
    expect(received({ reason: 'month end' }, true).reason).toBe('retries-used-up');
  });

  it('is what the parser says of a message that somebody sent straight there, where it cannot be read', () => {
    const notJson = 'expected the message body to be JSON, got "<xml/>"';
    expect(received({}, false, '<xml/>')).toMatchObject({ reason: 'not-json', detail: notJson });
    const broken = s3Message(s3EventRecord(), { ...s3EventRecord(), s3: {} });
    expect(received({}, false, broken)).toMatchObject({ reason: 'bad-event-record', detail: expect.any(String) });
    for (const body of [goodBody(1), '{"Event":"s3:TestEvent"}']) {
      expect(received({}, false, body)).toMatchObject({ reason: 'sent-directly' });
    }
  });

  it('is unknown when a later version wrote one that this one does not know', () => {
    expect(received({ ...quarantined, reason: 'something-of-tomorrow' }).reason).toBe('unknown');
  });

  it.each([
    ['EventBridge', { ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed', RULE_ARN: 'arn:aws:events:...' }],
    ['Scheduler', { ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed', SCHEDULED_TIME: '2026-11-22' }],
    ['SNS', { ErrorCode: 'NO_PERMISSIONS', ErrorMessage: 'not allowed', RequestID: 'r1' }],
  ])('is that %s could not deliver the message, with its error', (_, attributes) => {
    expect(received(attributes)).toMatchObject({ reason: 'not-delivered', detail: 'NO_PERMISSIONS: not allowed' });
  });

  it('holds the code alone when the service gave no words', () => {
    expect(received({ ErrorCode: '403' })).toMatchObject({ reason: 'not-delivered', detail: '403' });
  });

  it('is that of the last time for an undelivered message that was redriven', () => {
    const undelivered = { ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed' };
    expect(received(undelivered, true).reason).toBe('retries-used-up');
    expect(received({ ...undelivered, ...quarantined }).reason).toBe('unsupported-version');
  });
});
