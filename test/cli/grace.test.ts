import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { graceOf } from '../../src/cli/grace.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/shared/time.ts';
import { ledgerOf, NOW } from './cli.ts';

const context = { clock: { now: () => NOW.getTime() } } as Parameters<typeof graceOf>[2];

interface Queue {
  readonly isLocal?: boolean;
  readonly messages?: number;
  /** Maxima of the metric, in seconds. */
  readonly oldest?: readonly number[];
  readonly refusal?: Error;
}

/** A ledger whose queue tries a message five times, 185 seconds apart. */
function ledgerWith({ isLocal = false, messages = 0, oldest = [], refusal }: Queue): OpenLedger {
  const Attributes = {
    VisibilityTimeout: '185',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn', maxReceiveCount: 5 }),
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: String(messages),
    ApproximateNumberOfMessagesDelayed: '0',
  };
  const { clients, ...opened } = ledgerOf({ client: {} as never, tableName: 't', indexShards: 1 });
  const sqs = async () => ({ send: async () => ({ Attributes }) }) as never;
  const send = async () => {
    if (refusal !== undefined) throw refusal;
    return { Datapoints: oldest.map((Maximum) => ({ Maximum })) };
  };
  return { ...opened, isLocal, clients: { ...clients, sqs, cloudwatch: async () => ({ send }) as never } };
}

describe('the default of --grace', () => {
  const retries = 5 * 185 * SECOND_MS;

  it('is the time of delivery, of all tries, and of the longest wait in the queue', async () => {
    expect(await graceOf({}, ledgerWith({}), context)).toBe(15 * MINUTE_MS + retries);
    expect(await graceOf({}, ledgerWith({ oldest: [12, 7_200, 0] }), context)).toBe(
      15 * MINUTE_MS + retries + 120 * MINUTE_MS,
    );
  });

  it('follows from the queue alone where CloudWatch may not be read', async () => {
    const refusal = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    expect(await graceOf({}, ledgerWith({ refusal }), context)).toBe(15 * MINUTE_MS + retries);
    await expect(graceOf({}, ledgerWith({ refusal: new Error('down') }), context)).rejects.toThrow('down');
  });

  it('is none on the local stack while its queue is empty', async () => {
    expect(await graceOf({}, ledgerWith({ isLocal: true }), context)).toBe(0);
    expect(await graceOf({}, ledgerWith({ isLocal: true, messages: 1 }), context)).toBe(retries);
  });

  it('is overridden by the option', async () => {
    expect(await graceOf({ grace: 5 }, ledgerWith({ oldest: [7_200] }), context)).toBe(5);
  });
});
