import { describe, expect, it } from 'vitest';
import { createDynamoDBClient, loadSqsClient } from '../../src/consumer/clients.ts';
import { createEmailPart } from '../../src/consumer/finish-with-email.ts';
import { handleBatch } from '../../src/consumer/handle-batch.ts';
import { createBatchWrite } from '../../src/ledger/write/batch-write.ts';
import { TableBreaker } from '../../src/ledger/write/table-breaker.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { digestSettings, emailSettings, LEDGER } from '../builders/email-settings.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';
import { type Stall, startStallingTable } from '../ledger/stalling-server.ts';

const uploads = (count: number) =>
  Array.from({ length: count }, (_, index) => sqsMessage({ body: s3Message(s3EventRecord({ key: `${index}.txt` })) }));

/** One invocation of a function with email, by the clients that are deployed; `undefined` when it has to be killed. */
async function invoke(
  messages: ReturnType<typeof uploads>,
  milliseconds: number,
  breaker = new TableBreaker(),
): Promise<readonly string[] | undefined> {
  const client = createDynamoDBClient();
  const event = sqsEvent(...messages);
  const settings = emailSettings({ digests: [digestSettings('daily')] });
  const killedAt = systemClock.now() + milliseconds;
  const remainingMilliseconds = () => killedAt - systemClock.now();
  const bounds = { clock: systemClock, remainingMilliseconds };
  const run = async () => {
    const beginEmail = createEmailPart({
      client,
      tableName: 'ledger',
      settings,
      queue: { client: loadSqsClient, queueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/uploads' },
      ledger: LEDGER,
      clock: systemClock,
      telemetry: { report: () => undefined, log: () => undefined, writeMetrics: () => undefined },
    });
    const email = beginEmail({ requestId: 'request-1', milliseconds, remainingMilliseconds });
    const makeRidingItem = email.makeSummaryItem;
    const outcome = await handleBatch(event, {
      ...bounds,
      uploads: {},
      records: { indexShards: 2, source: 'notification' },
      ledger: new LedgerWriter({ ...bounds, send: createBatchWrite(client, 'ledger'), breaker, makeRidingItem }),
      email: settings,
      quarantine: async () => undefined,
      onQuarantined: () => undefined,
    });
    const { batchItemFailures } = await email.finish(event, outcome);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const killed = new Promise<undefined>((resolve) => {
    systemClock.after(milliseconds, () => resolve(undefined));
  });
  return Promise.race([run(), killed]);
}

describe('a table that stalls', () => {
  it.each<Stall>(['headers', 'body'])(
    'at the %s of an answer costs one attempt, and not the invocation',
    async (stall) => {
      const requested = await startStallingTable((operation, index) =>
        operation === 'BatchWriteItem' && index === 0 ? stall : undefined,
      );
      expect(await invoke(uploads(3), 15_000)).toEqual([]);
      expect(requested).toEqual(['BatchWriteItem', 'BatchWriteItem']);
    },
    20_000,
  );

  it.each<Stall>(['headers', 'body'])(
    'for ever at the %s of its answers lets the batch come back before the end, and is probed from then on',
    async (stall) => {
      const requested = await startStallingTable(() => stall);
      const breaker = new TableBreaker();
      const messages = uploads(100);
      expect(await invoke(messages, 4_000, breaker)).toHaveLength(100);
      expect(requested.filter((operation) => operation === 'BatchWriteItem').length).toBeGreaterThanOrEqual(4);
      const before = requested.length;
      expect(await invoke(messages, 4_000, breaker)).toHaveLength(100);
      expect(requested.slice(before)[0]).toBe('BatchWriteItem');
      expect(requested.slice(before).filter((operation) => operation === 'BatchWriteItem').length).toBeLessThan(4);
    },
    20_000,
  );

  it.each([
    ['GetItem', 'headers'],
    ['GetItem', 'body'],
    ['UpdateItem', 'headers'],
    ['Query', 'headers'],
  ] as const)(
    'for ever at %s (%s) of a digest brings the tick back, and no upload',
    async (stalled, stall) => {
      await startStallingTable((operation) => (operation === stalled ? stall : undefined));
      const tick = tickMessage();
      expect(await invoke([...uploads(99), tick], 5_000)).toEqual([tick.messageId]);
    },
    20_000,
  );
});
