import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { handleBatch } from '../../src/consumer/handle-batch.ts';
import type { QuarantineCause } from '../../src/contract/quarantine.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';

const remainingMilliseconds = () => 30_000;

async function run(messages: readonly SQSRecord[], sendsEmail: boolean) {
  const quarantined: { messageId: string; cause: QuarantineCause }[] = [];
  const outcome = await handleBatch(sqsEvent(...messages), {
    uploads: {},
    records: { indexShards: 4, source: 'notification' },
    ledger: new LedgerWriter({
      send: async () => [],
      remainingMilliseconds,
      clock: { ...systemClock, random: () => 0 },
    }),
    sendsEmail,
    quarantine: async () => undefined,
    onQuarantined: ({ messageId }, cause) => quarantined.push({ messageId, cause }),
    remainingMilliseconds,
    clock: systemClock,
  });
  return { outcome, quarantined };
}

const upload = () => sqsMessage({ body: s3Message(s3EventRecord({ key: 'a.txt' })) });

describe('a digest tick among the messages of a batch', () => {
  it('is kept until the records are stored, neither failed nor quarantined', async () => {
    const tick = tickMessage({ name: 'daily' });
    const { outcome, quarantined } = await run([upload(), tick, upload()], true);
    expect(outcome.ticks).toMatchObject([{ messageId: tick.messageId, tick: { digest: { name: 'daily' } } }]);
    expect(outcome.response.batchItemFailures).toEqual([]);
    expect(outcome.failed).toBe(0);
    expect(quarantined).toEqual([]);
    expect(outcome.stored).toHaveLength(1);
  });

  it('is quarantined with a reason by a stack that sends no email', async () => {
    const tick = tickMessage({ name: 'daily' });
    const { outcome, quarantined } = await run([tick], false);
    expect(outcome.ticks).toEqual([]);
    expect(quarantined).toMatchObject([{ messageId: tick.messageId, cause: { reason: 'email-not-configured' } }]);
    expect(quarantined[0]?.cause.detail).toMatch(/daily.*emailSender.*redrive/);
    expect(outcome.quarantinedWithoutRecords).toEqual(new Set([tick.messageId]));
  });

  it('is quarantined when it cannot be read', async () => {
    const { quarantined } = await run([sqsMessage({ body: '{"uploadLedger":"digest-tick"}' })], true);
    expect(quarantined).toMatchObject([{ cause: { reason: 'bad-digest-tick' } }]);
  });
});
