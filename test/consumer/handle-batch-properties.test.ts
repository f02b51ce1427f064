import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handleBatch } from '../../src/consumer/handle-batch.ts';
import { toKeyText } from '../../src/ledger/record-key.ts';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { s3EventRecord, s3Message, snsMessage } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';

const upload = fc.record(
  { key: fc.string({ unit: 'binary', minLength: 1 }), sequencer: fc.string() },
  { requiredKeys: ['key'] },
);

/** Bodies of every kind: good ones, nearly good ones and noise. */
const body = fc.oneof(
  fc
    .array(upload, { minLength: 1, maxLength: 3 })
    .map((all) =>
      s3Message(...all.map(({ key, sequencer }) => s3EventRecord({ key: key.toWellFormed(), object: { sequencer } }))),
    ),
  fc.nat(9).map((index) => s3Message(s3EventRecord({ key: `${index}.txt` }))),
  fc.anything().map((record) => safely(() => s3Message(record))),
  fc.json().map((text) => `{"Records":[${text}]}`),
  fc.json().map(snsMessage),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{}', 'null', '[]', '{"Records":[]}', '{"Records":{}}', '{"Event":"s3:TestEvent"}'),
);

function safely(make: () => string): string {
  try {
    return make();
  } catch {
    return '';
  }
}

/** What each call does: how many of its records come back unprocessed, or that it fails. */
const fates = fc.array(fc.oneof(fc.nat(3), fc.constantFrom('ThrottlingException', 'ValidationException')), {
  maxLength: 8,
});

describe('handleBatch with any messages', () => {
  it('only fails messages of the batch, and reports every stored record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 40 }), fates, fc.boolean(), async (bodies, allFates, isDlqDown) => {
        const stored = new Set<string>();
        let call = 0;
        const send: SendPuts = async (records) => {
          const fate = allFates[call++] ?? 0;
          if (typeof fate === 'string') throw Object.assign(new Error('injected'), { name: fate });
          for (const record of records.slice(fate)) stored.add(toKeyText(record));
          return records.slice(0, fate);
        };
        const quarantined = new Set<string>();
        const messages = bodies.map((text) => sqsMessage({ body: text }));
        const outcome = await handleBatch(sqsEvent(...messages), {
          uploads: {},
          records: { indexShards: 2, source: 'notification' },
          ledger: new LedgerWriter({
            send,
            remainingMilliseconds: () => 30_000,
            clock: { ...systemClock, random: () => 0 },
          }),
          quarantine: async () => {
            if (isDlqDown) throw new Error('injected');
          },
          onQuarantined: ({ messageId }) => quarantined.add(messageId),
          remainingMilliseconds: () => 30_000,
          clock: systemClock,
        });
        const failed = outcome.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
        const received = new Set(messages.map(({ messageId }) => messageId));
        expect(new Set(failed).size).toBe(failed.length);
        for (const id of failed) expect(received).toContain(id);
        for (const id of failed) expect(quarantined).not.toContain(id);
        for (const { record } of outcome.stored) expect(stored).toContain(toKeyText(record));
        expect(outcome.stored.length).toBe(stored.size);
        expect(outcome.failures.every(({ code }) => isDlqDown || code !== 'unexpected')).toBe(true);
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});
