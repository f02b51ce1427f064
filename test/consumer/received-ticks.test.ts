import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type BatchTools, handleBatch } from '../../src/consumer/handle-batch.ts';
import type { QuarantineCause } from '../../src/contract/quarantine.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { digestSettings, emailSettings } from '../builders/email-settings.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';

const remainingMilliseconds = () => 30_000;
const DAILY = digestSettings('daily');
const WITH_DAILY = { email: emailSettings({ digests: [DAILY] }) };

async function run(messages: readonly SQSRecord[], options: Pick<BatchTools, 'email' | 'ticksSetEnd'> = WITH_DAILY) {
  const quarantined: { messageId: string; cause: QuarantineCause }[] = [];
  const outcome = await handleBatch(sqsEvent(...messages), {
    uploads: {},
    records: { indexShards: 4, source: 'notification' },
    ledger: new LedgerWriter({
      send: async () => [],
      remainingMilliseconds,
      clock: { ...systemClock, random: () => 0 },
    }),
    ...options,
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
    const tick = tickMessage();
    const { outcome, quarantined } = await run([upload(), tick, upload()]);
    expect(outcome.ticks).toMatchObject([{ messageId: tick.messageId, tick: { digest: { name: 'daily' } } }]);
    expect(outcome.response.batchItemFailures).toEqual([]);
    expect(outcome.failed).toBe(0);
    expect(quarantined).toEqual([]);
    expect(outcome.stored).toHaveLength(1);
  });

  it('says nothing of its digest but the name: ticks of earlier versions, and forged ones, name recipients', async () => {
    const digest = { name: 'daily', recipients: ['thief@example.org'], minimumUploads: 9, timeZone: 'Mars/Base' };
    const body = JSON.stringify({ uploadLedger: 'digest-tick', scheduledTime: '2026-11-22T10:15:00Z', digest });
    const { outcome } = await run([sqsMessage({ body })]);
    expect(outcome.ticks.map(({ tick }) => tick)).toEqual([
      { scheduledTime: '2026-11-22T10:15:00.000Z', digest: DAILY },
    ]);
  });

  it('decides where the window ends on a local stack alone', async () => {
    const until = '2026-11-22T10:15:03.250Z';
    const ends = async (ticksSetEnd: boolean) =>
      (await run([tickMessage({ until })], { ...WITH_DAILY, ticksSetEnd })).outcome.ticks.map(({ tick }) => tick.until);
    expect(await ends(true)).toEqual([until]);
    expect(await ends(false)).toEqual([undefined]);
  });

  it.each([
    ['sends no email', {}],
    ['has no digest of that name', { email: emailSettings({ digests: [digestSettings('weekly')] }) }],
  ])('is quarantined with a reason by a stack that %s', async (_, options) => {
    const tick = tickMessage();
    const { outcome, quarantined } = await run([tick], options);
    expect(outcome.ticks).toEqual([]);
    expect(quarantined).toMatchObject([{ messageId: tick.messageId, cause: { reason: 'email-not-configured' } }]);
    expect(quarantined[0]?.cause.detail).toMatch(/no digest called daily: configure it, deploy, then redrive/);
    expect(outcome.quarantinedWithoutRecords).toEqual(new Set([tick.messageId]));
  });

  it('is quarantined when it cannot be read', async () => {
    const { quarantined } = await run([sqsMessage({ body: '{"uploadLedger":"digest-tick"}' })]);
    expect(quarantined).toMatchObject([{ cause: { reason: 'bad-digest-tick' } }]);
  });
});
