import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { type BatchTools, handleBatch } from '../../src/consumer/handle-batch.ts';
import type { QuarantineCause } from '../../src/contract/quarantine.ts';
import type { Quarantine } from '../../src/dead-letters/quarantine.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { RecordNotStoredError } from '../../src/ledger/write/put-errors.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { eventBridgeMessage } from '../builders/eventbridge-event.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';
import { recordsAmong } from '../ledger/records.ts';

const NOW = Date.parse('2026-11-22T10:15:31.123Z');

interface RunOptions extends Pick<BatchTools, 'lookUpUploader' | 'putUnlessBetter'> {
  readonly send?: SendPuts;
  readonly quarantine?: Quarantine;
  /** Milliseconds of the invocation. @default 30,000 */
  readonly milliseconds?: number;
}

/** Runs a batch against a table in memory. `send` decides about each call; what it does not refuse is stored. */
async function run(messages: readonly SQSRecord[], options: RunOptions = {}) {
  const table = new Map<string, LedgerRecord>();
  const calls: number[] = [];
  const send: SendPuts = async (records, signal) => {
    calls.push(records.length);
    const unprocessed = (await options.send?.(records, signal)) ?? [];
    for (const record of recordsAmong(records)) if (!unprocessed.includes(record)) table.set(record.s3_key, record);
    return unprocessed;
  };
  const quarantined: { messageId: string; cause: QuarantineCause }[] = [];
  const remainingMilliseconds = () => options.milliseconds ?? 30_000;
  const tools: BatchTools = {
    uploads: {},
    records: { indexShards: 4, source: 'notification' },
    ledger: new LedgerWriter({ send, remainingMilliseconds, clock: { ...systemClock, random: () => 0 } }),
    lookUpUploader: options.lookUpUploader,
    putUnlessBetter: options.putUnlessBetter,
    quarantine: options.quarantine ?? (async () => undefined),
    onQuarantined: ({ messageId }, cause) => quarantined.push({ messageId, cause }),
    remainingMilliseconds,
    clock: { ...systemClock, now: () => NOW },
  };
  const outcome = await handleBatch(sqsEvent(...messages), tools);
  return {
    outcome,
    table,
    calls,
    quarantined,
    failed: outcome.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
}

function upload(key: string, object: Record<string, unknown> = {}): SQSRecord {
  return sqsMessage({ body: s3Message(s3EventRecord({ key, object })) });
}

function uploads(count: number): SQSRecord[] {
  return Array.from({ length: count }, (_, index) => upload(`photos/${index}.jpg`));
}

const refuse = (name: string): SendPuts => {
  return async () => {
    throw Object.assign(new Error('injected'), { name });
  };
};

describe('handleBatch with look-ups of metadata', () => {
  it('puts the uncertain records on a condition, and all others in full calls', async () => {
    const uncertain: LedgerRecord[] = [];
    const { calls, table, outcome } = await run(uploads(55), {
      lookUpUploader: async ({ key }) =>
        Number(/\d+/.exec(key)?.[0]) < 5 ? { isCertain: false } : { uploader: 'alice', isCertain: true },
      putUnlessBetter: async (record) => {
        uncertain.push(record);
        return { ...record, uploader: 'as it is' };
      },
    });
    expect(calls).toEqual([25, 25]);
    expect(uncertain.map(({ s3_key }) => s3_key)).toEqual([0, 1, 2, 3, 4].map((index) => `photos/${index}.jpg`));
    expect([...table.values()].every((record) => record.uploader_source === 'metadata')).toBe(true);
    expect(outcome.stored).toHaveLength(55);
    expect(outcome.stored.filter(({ record }) => record.uploader === 'as it is')).toHaveLength(5);
  });

  it('counts a record that another put stands for once, and fails the message of one that was not stored', async () => {
    const { outcome, failed } = await run([upload('a.txt'), upload('b.txt')], {
      lookUpUploader: async () => ({ isCertain: false }),
      putUnlessBetter: async ({ s3_key }) => {
        if (s3_key === 'b.txt') throw new RecordNotStoredError('call-failed', 'injected');
        return undefined;
      },
    });
    expect(outcome.stored).toEqual([]);
    expect(failed).toHaveLength(1);
  });
});

describe('handleBatch', () => {
  it('stores the records of a batch in full calls', async () => {
    const { outcome, table, calls, failed } = await run(uploads(100));
    expect(table.size).toBe(100);
    expect(calls).toEqual([25, 25, 25, 25]);
    expect(failed).toEqual([]);
    expect(outcome).toMatchObject({ received: 100, failed: 0, quarantined: 0, writes: { calls: 4 } });
    expect(outcome.stored[0]).toMatchObject({ record: { s3_key: 'photos/0.jpg' }, delay: 1000 });
  });

  it('accepts an empty batch', async () => {
    const { outcome, failed } = await run([]);
    expect(failed).toEqual([]);
    expect(outcome.received).toBe(0);
  });

  it('tells the oldest message that comes back or was received before', async () => {
    const sent = (key: string, SentTimestamp: number, receives = 1) => {
      const { body, attributes } = upload(key);
      const received = { SentTimestamp: String(SentTimestamp), ApproximateReceiveCount: String(receives) };
      return sqsMessage({ body, attributes: { ...attributes, ...received } });
    };
    const send = refuse('InternalServerError');
    const first = await run([sent('a.txt', 1_000)]);
    expect(first.outcome.oldestRetriedSentAt).toBeUndefined();
    const failing = await run([sent('b.txt', 3_000), sent('c.txt', 2_000)], { send });
    expect(failing.outcome.oldestRetriedSentAt).toBe(2_000);
    const drained = await run([sent('d.txt', 1_000), sent('e.txt', 2_000, 3), sent('f.txt', 3_000, 40)]);
    expect(drained.outcome.oldestRetriedSentAt).toBe(2_000);
  });

  it('counts an upload once that two messages bring', async () => {
    const { outcome, table } = await run([upload('a.txt'), upload('a.txt')]);
    expect(table.size).toBe(1);
    expect(outcome.stored).toHaveLength(1);
    expect(outcome.writes.duplicatesCollapsed).toBe(1);
  });

  it('stores an event that both envelopes bring once, as the first of them says it', async () => {
    const notified = upload('photos/cat.jpg');
    const bridged = sqsMessage({ body: eventBridgeMessage({ object: { sequencer: '0067b2f0a41c5d3e7f' } }) });
    const only = async (...messages: SQSRecord[]) => {
      const { outcome, table } = await run(messages);
      expect(outcome).toMatchObject({ received: 2, failed: 0, writes: { duplicatesCollapsed: 1 } });
      expect(outcome.stored).toHaveLength(1);
      return table.get('photos/cat.jpg');
    };
    const [first, second] = [await only(notified, bridged), await only(bridged, notified)];
    expect(first).toMatchObject({ timestamp: '2026-11-22T10:15:30.123Z', uploader: 'AIDAEXAMPLE' });
    expect(second).toMatchObject({ timestamp: '2026-11-22T10:15:30.000Z', uploader: '111122223333' });
    expect(first?.upload_id).toBe(second?.upload_id);
  });

  it('acknowledges test events and events of other types, and counts them', async () => {
    const tagged = sqsMessage({ body: s3Message(s3EventRecord({ eventName: 'ObjectTagging:Put' })) });
    const test = sqsMessage({ body: JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }) });
    const { outcome, table, failed } = await run([test, tagged, upload('a.txt')]);
    expect(failed).toEqual([]);
    expect(outcome).toMatchObject({ testEvents: 1, eventsIgnored: 1, quarantined: 0 });
    expect([...table.keys()]).toEqual(['a.txt']);
  });

  it('quarantines a message that cannot be read, and stores the others', async () => {
    const poison = sqsMessage({ body: 'noise' });
    const { table, failed, quarantined, outcome } = await run([upload('a.txt'), poison, upload('b.txt')]);
    expect([...table.keys()]).toEqual(['a.txt', 'b.txt']);
    expect(failed).toEqual([]);
    expect(quarantined).toMatchObject([{ messageId: poison.messageId, cause: { reason: 'not-json' } }]);
    expect(outcome.quarantined).toBe(1);
  });

  it('fails a message that could not be quarantined', async () => {
    const poison = sqsMessage({ body: 'noise' });
    const quarantine = vi.fn().mockRejectedValue(new Error('injected'));
    const { failed, quarantined, outcome } = await run([upload('a.txt'), poison], { quarantine });
    expect(failed).toEqual([poison.messageId]);
    expect(quarantined).toEqual([]);
    expect(outcome).toMatchObject({ quarantined: 0, failed: 1, failures: [{ code: 'unexpected', messages: 1 }] });
  });

  it('fails exactly the messages whose records were not stored', async () => {
    let call = 0;
    const send: SendPuts = async (records, signal) =>
      ++call === 2 ? refuse('InternalServerError')(records, signal) : [];
    const messages = uploads(60);
    const { failed, outcome } = await run(messages, { send });
    expect(failed).toEqual(messages.slice(25, 50).map(({ messageId }) => messageId));
    expect(outcome.stored).toHaveLength(35);
    expect(outcome.failures).toMatchObject([{ code: 'call-failed', messages: 25 }]);
  });

  it('answers, and does not throw, when every message fails', async () => {
    const messages = uploads(30);
    const { failed, outcome } = await run(messages, { send: refuse('InternalServerError') });
    expect(failed).toEqual(messages.map(({ messageId }) => messageId));
    expect(outcome.stored).toEqual([]);
  });

  it('quarantines the message of a record that DynamoDB refuses', async () => {
    const bad = upload('bad.txt');
    const send: SendPuts = async (records, signal) =>
      recordsAmong(records).some(({ s3_key }) => s3_key === 'bad.txt')
        ? refuse('ValidationException')(records, signal)
        : [];
    const { table, failed, quarantined } = await run([...uploads(30), bad], { send });
    expect(table.size).toBe(30);
    expect(failed).toEqual([]);
    expect(quarantined).toMatchObject([{ messageId: bad.messageId, cause: { reason: 'refused-by-dynamodb' } }]);
  });

  it('quarantines the message of a record that is too large before DynamoDB sees it', async () => {
    const large = upload('x'.repeat(2048));
    const { quarantined, calls } = await run([large]);
    expect(quarantined).toMatchObject([{ messageId: large.messageId, cause: { reason: 'record-too-large' } }]);
    expect(calls).toEqual([]);
  });

  it('fails only the message that meets a bug, whatever that throws', async () => {
    const good = upload('good.txt');
    for (const thrown of [null, undefined, 'text', 7, new Error('oops')]) {
      const bad = sqsMessage({ body: 'noise' });
      const quarantine = () => Promise.reject(thrown);
      const { failed, table } = await run([bad, good], { quarantine });
      expect(failed).toEqual([bad.messageId]);
      expect(table.size).toBe(1);
    }
  });

  it('handles a message without a body', async () => {
    const broken = sqsMessage({ body: undefined as never });
    const { failed, quarantined, table } = await run([broken, upload('a.txt')]);
    expect([...failed, ...quarantined.map(({ messageId }) => messageId)]).toEqual([broken.messageId]);
    expect(table.size).toBe(1);
  });
});

describe('a message with several event records', () => {
  const records = [
    s3EventRecord({ key: 'one.txt' }),
    s3EventRecord({ encodedKey: '%' }),
    s3EventRecord({ key: 'two.txt' }),
  ];

  it('is stored as a whole', async () => {
    const all = Array.from({ length: 40 }, (_, index) => s3EventRecord({ key: `${index}.txt` }));
    const { table, calls, outcome } = await run([sqsMessage({ body: s3Message(...all) })]);
    expect(table.size).toBe(40);
    expect(calls).toEqual([25, 15]);
    expect(outcome.stored).toHaveLength(40);
  });

  it('has its readable records stored, and is quarantined for the others', async () => {
    const message = sqsMessage({ body: s3Message(...records) });
    const { table, failed, quarantined } = await run([message]);
    expect([...table.keys()]).toEqual(['one.txt', 'two.txt']);
    expect(failed).toEqual([]);
    expect(quarantined).toMatchObject([
      {
        messageId: message.messageId,
        cause: {
          reason: 'key-not-decodable',
          detail: expect.stringMatching(/^1 of 3 event records are not in the ledger/),
        },
      },
    ]);
  });

  it('comes back, and is not quarantined, when a later try may store one of its records', async () => {
    const message = sqsMessage({ body: s3Message(...records) });
    const { failed, quarantined } = await run([message], { send: refuse('ThrottlingException'), milliseconds: 100 });
    expect(failed).toEqual([message.messageId]);
    expect(quarantined).toEqual([]);
  });

  it('reports why it comes back', async () => {
    const message = sqsMessage({ body: s3Message(...records) });
    const { outcome } = await run([message], { send: refuse('ThrottlingException'), milliseconds: 100 });
    expect(outcome.failures[0]?.first).toBeInstanceOf(RecordNotStoredError);
  });
});
