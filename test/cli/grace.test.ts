import type { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { graceOf } from '../../src/cli/grace.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/shared/time.ts';
import { ledgerOf, NOW } from './cli.ts';

const context = { clock: { now: () => NOW.getTime() } } as Parameters<typeof graceOf>[2];

/** Values of a metric by the minutes since the beginning of their period. */
type Points = Readonly<Record<number, number>>;

interface World {
  readonly isLocal?: boolean;
  readonly messages?: number;
  /** Undefined: a stack of an older version. */
  readonly serviceName?: string | undefined;
  /** Seconds. */
  readonly waiting?: Points;
  /** Seconds. */
  readonly retried?: Points;
  readonly errors?: Points;
  readonly throttles?: Points;
  readonly invocations?: Points;
  readonly refusal?: Error;
}

/** A ledger whose queue tries a message five times, 185 seconds apart. */
function ledgerWith({ isLocal = false, messages = 0, refusal, ...world }: World): OpenLedger {
  const Attributes = {
    VisibilityTimeout: '185',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn', maxReceiveCount: 5 }),
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: String(messages),
    ApproximateNumberOfMessagesDelayed: '0',
  };
  const { clients, resources, ...opened } = ledgerOf({ client: {} as never, tableName: 't', indexShards: 1 });
  const { serviceName } = { serviceName: 'UploadLedger/Uploads', ...world };
  const metrics: Readonly<Record<string, Points | undefined>> = { ...world, serviceName: undefined };
  const answer = ({ input }: GetMetricDataCommand) => {
    if (refusal !== undefined) throw refusal;
    return {
      MetricDataResults: input.MetricDataQueries?.map(({ Id = '' }) => {
        const points = Object.entries(metrics[Id] ?? {});
        const Timestamps = points.map(([minutes]) => new Date(NOW.getTime() - Number(minutes) * MINUTE_MS));
        return { Id, Timestamps, Values: points.map(([, value]) => value) };
      }),
    };
  };
  return {
    ...opened,
    isLocal,
    resources: { ...resources, functionName: 'function', ...(serviceName !== undefined && { serviceName }) },
    clients: {
      ...clients,
      sqs: async () => ({ send: async () => ({ Attributes }) }) as never,
      cloudwatch: async () => ({ send: async (command: GetMetricDataCommand) => answer(command) }) as never,
    },
  };
}

const graceWith = (world: World) => graceOf({}, ledgerWith(world), context);

const DELIVERY = 15 * MINUTE_MS;
const RETRIES = 5 * 185 * SECOND_MS;
const BUSY: World = { messages: 7, invocations: { 6: 40, 11: 40 } };

describe('the default of --grace', () => {
  it('is the time of delivery while the queue is empty, or its messages are quickly done', async () => {
    expect(await graceWith({})).toBe(DELIVERY);
    expect(await graceWith(BUSY)).toBe(DELIVERY);
  });

  it('is as much longer as the oldest message is old by now that waits, or that the function tries again', async () => {
    expect(await graceWith({ ...BUSY, waiting: { 5: 120, 15: 30 } })).toBe(DELIVERY + 7 * MINUTE_MS);
    expect(await graceWith({ ...BUSY, retried: { 5: 7200 } })).toBe(DELIVERY + 2 * HOUR_MS + 5 * MINUTE_MS);
    expect(await graceWith({ ...BUSY, retried: { 5: 7200 }, waiting: { 10: 120 } })).toBe(
      DELIVERY + 2 * HOUR_MS + 5 * MINUTE_MS,
    );
    // Tried again so lately that it can be on its way, whatever the queue's approximate counts say.
    expect(await graceWith({ retried: { 20: 7200 } })).toBe(DELIVERY + 2 * HOUR_MS + 20 * MINUTE_MS);
  });

  it('forgets a message that would have been tried again by now', async () => {
    expect(await graceWith({ ...BUSY, retried: { 24: 7200 } })).toBe(DELIVERY);
    // Behind a queue of half an hour, not yet.
    expect(await graceWith({ ...BUSY, retried: { 24: 7200 }, waiting: { 5: 1800 } })).toBe(
      DELIVERY + 2 * HOUR_MS + 24 * MINUTE_MS,
    );
  });

  it.each([
    ['the function failed and could not tell', { ...BUSY, errors: { 10: 1 } }],
    ['the function was throttled', { ...BUSY, throttles: { 22: 3 } }],
    ['the function does not run though messages wait', { messages: 7, invocations: { 30: 40 } }],
    ['the stack is of a version that does not name its metrics', { ...BUSY, serviceName: undefined }],
  ] as const)('is the time of delivery, all tries and the longest wait when %s', async (_, world) => {
    expect(await graceWith(world)).toBe(DELIVERY + RETRIES);
    expect(await graceWith({ ...world, waiting: { 5: 12, 25: 7_200 } })).toBe(DELIVERY + RETRIES + 2 * HOUR_MS);
  });

  it('follows from the queue alone where CloudWatch may not be read', async () => {
    const refusal = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    expect(await graceWith({ ...BUSY, refusal })).toBe(DELIVERY + RETRIES);
    expect(await graceWith({ refusal })).toBe(DELIVERY + RETRIES);
    await expect(graceWith({ refusal: new Error('down') })).rejects.toThrow('down');
  });

  it('is none on the local stack while its queue is empty', async () => {
    expect(await graceWith({ isLocal: true })).toBe(0);
    expect(await graceWith({ isLocal: true, messages: 1 })).toBe(RETRIES);
  });

  it('is overridden by the option', async () => {
    expect(await graceOf({ grace: 5 }, ledgerWith({ ...BUSY, retried: { 5: 7200 } }), context)).toBe(5);
  });
});
