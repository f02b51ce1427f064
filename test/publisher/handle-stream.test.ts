import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDigestEvent } from '../../src/events/event.ts';
import { toOutboxItem } from '../../src/events/outbox.ts';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { StreamHandler } from '../../src/publisher/handle-stream.ts';
import { SEED } from '../builders/arbitraries.ts';
import { manualClock } from '../builders/manual-clock.ts';
import { upload } from '../builders/upload.ts';
import { type BusDouble, busDouble, serviceError } from '../events/bus-double.ts';
import { sequenceNumber, streamEvent, streamRecord } from './stream-event.ts';

const recordOf = (key: string) => toLedgerRecord(upload({ key }), { indexShards: 8, source: 'notification' });
const KEYS = Array.from({ length: 30 }, (_, at) => `upload-${at}`);
const stream = (keys: readonly string[] = KEYS) => keys.map((key, at) => streamRecord(recordOf(key), at));
const announced = ({ events }: BusDouble) => events.map(({ Detail }) => JSON.parse(Detail).record?.s3_key);

interface Line {
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

function environmentWith(bus: BusDouble) {
  const lines: Line[] = [];
  const clock = manualClock({ random: () => 1 });
  const log = (level: string, message: string, facts: Line['facts']) => lines.push({ level, message, facts });
  const handler = new StreamHandler({
    target: { eventBus: 'default', tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads' },
    putEvents: bus.putEvents,
    clock,
    log,
  });
  return { handler, clock, lines };
}

async function handle(bus: BusDouble, records: readonly DynamoDBRecord[], remaining = 30_000) {
  const { handler, clock, lines } = environmentWith(bus);
  const response = await handler.handle(streamEvent(...records), remaining);
  return { response, lines, milliseconds: clock.time };
}

/**
 * As Lambda does: what failed and all behind it comes again, until nothing fails.
 *
 * @param moves Whether each try after the first is in another environment. @default all are in one
 * @returns how often another environment went on.
 */
async function handleUntilDone(
  bus: BusDouble,
  records: readonly DynamoDBRecord[],
  moves: readonly boolean[] = [],
): Promise<number> {
  let { handler } = environmentWith(bus);
  let moved = 0;
  for (let tries = 0, waiting = records; tries < 100; tries += 1) {
    const { batchItemFailures } = await handler.handle(streamEvent(...waiting), 30_000);
    const [failure] = batchItemFailures;
    if (failure === undefined) return moved;
    waiting = waiting.slice(waiting.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failure.itemIdentifier));
    if (moves[tries] !== true) continue;
    ({ handler } = environmentWith(bus));
    moved += 1;
  }
  throw new Error('Expected the stream to be published within 100 tries.');
}

describe('handleStream', () => {
  it('announces each new record once, in the order of the stream', async () => {
    const bus = busDouble();
    const { response, lines } = await handle(bus, stream());
    expect(response).toEqual({ batchItemFailures: [] });
    expect(announced(bus)).toEqual(KEYS);
    expect(bus.events[0]).toMatchObject({
      EventBusName: 'default',
      Source: 'upload-ledger',
      DetailType: 'UploadRecorded',
    });
    expect(lines).toEqual([
      { level: 'info', message: 'Events published', facts: { received: 30, events: 30, refused: 0 } },
    ]);
  });

  it('announces nothing for records that are changed or removed, and for other items', async () => {
    const bus = busDouble();
    const summary = { s3_object: 'summary#2026-11-22T10Z', upload_id: 'x' };
    const attributes = { s3_object: { S: summary.s3_object }, upload_id: { S: 'x' } };
    const { response } = await handle(bus, [
      streamRecord(recordOf('changed'), 1, 'MODIFY'),
      streamRecord(recordOf('expired'), 2, 'REMOVE'),
      streamRecord({ ...summary, attributes }, 3),
    ]);
    expect([response, bus.calls]).toEqual([{ batchItemFailures: [] }, []]);
  });

  it('announces events that wait in the table, once', async () => {
    const totals = {
      ...{ uploads: 1, bytes: 2, deletes: 0, versions_deleted: 0, restores: 0 },
      ...{ messages_failed: 0, messages_quarantined: 0, alerts_held_back: 0 },
    };
    const window = { name: 'daily', from: '2026-11-21T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z' };
    const event = toDigestEvent({ ...window, totals });
    const bus = busDouble();
    await handle(bus, [
      streamRecord(toOutboxItem(event, 0), 1),
      // The tick came again: the item has got another time at which it expires.
      streamRecord(toOutboxItem(event, 60_000), 2, 'MODIFY'),
    ]);
    expect(bus.events).toMatchObject([{ DetailType: 'DigestReady', Detail: JSON.stringify(event.detail) }]);
  });

  it('goes on after an item that is not a ledger record, and logs it', async () => {
    const bus = busDouble();
    const foreign = { s3_object: 'bucket/key', upload_id: 'theirs' };
    const attributes = { s3_object: { S: 'bucket/key' }, upload_id: { S: 'theirs' }, day_shard: { S: 'x' } };
    const { response, lines } = await handle(bus, [streamRecord({ ...foreign, attributes }, 0), ...stream(['mine'])]);
    expect([response, announced(bus)]).toEqual([{ batchItemFailures: [] }, ['mine']]);
    expect(lines[0]).toMatchObject({ level: 'warn', facts: { reason: expect.stringContaining('NotALedgerRecord') } });
  });
});

describe('while EventBridge is away, the publisher', () => {
  it('reports the first record, having announced nothing, within its time', async () => {
    const bus = busDouble({ failCall: () => new Error('ECONNREFUSED') });
    const { response, lines, milliseconds } = await handle(bus, stream());
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }] });
    expect(announced(bus)).toEqual([]);
    expect(milliseconds).toBeLessThanOrEqual(10_000);
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'Events not published, they are tried again',
        facts: { received: 30, events: 30, refused: 0, waiting: 30, reason: 'Error: ECONNREFUSED' },
      },
    ]);
  });

  it('stops before its own time is up', async () => {
    const bus = busDouble({ failCall: () => new Error('ECONNREFUSED') });
    const { response, milliseconds } = await handle(bus, stream(), 5_000);
    expect(response.batchItemFailures).toHaveLength(1);
    expect(milliseconds).toBeLessThanOrEqual(3_000);
  });

  it('makes at most one call when there is no time at all', async () => {
    const bus = busDouble({ failCall: () => new Error('ECONNREFUSED') });
    const { response } = await handle(bus, stream(), 100);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }] });
    expect(bus.calls.length).toBeLessThanOrEqual(1);
  });
});

describe('whatever EventBridge does for a while, the publisher', () => {
  const throttled = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };

  it('announces every record once when whole calls fail', async () => {
    const bus = busDouble({ failCall: (call) => (call < 40 ? serviceError('InternalException', 500) : undefined) });
    await handleUntilDone(bus, stream());
    expect(bus.calls.length).toBeGreaterThanOrEqual(40);
    expect(announced(bus)).toEqual(KEYS);
  });

  it('announces every record once when calls are throttled', async () => {
    const bus = busDouble({
      failCall: (call) => (call % 3 > 0 ? serviceError('ThrottlingException', 400) : undefined),
    });
    await handleUntilDone(bus, stream());
    expect(announced(bus)).toEqual(KEYS);
  });

  it('announces every record once when single entries fail', async () => {
    const bus = busDouble({
      failEntry: ({ Detail }, call) => ((call * 7 + Detail.length) % 5 < 3 ? throttled : undefined),
    });
    await handleUntilDone(bus, stream());
    expect(announced(bus).toSorted()).toEqual(KEYS.toSorted());
  });

  const oneFails = () =>
    busDouble({
      failEntry: ({ Detail }, call) => (Detail.includes('"upload-14"') && call < 60 ? throttled : undefined),
    });

  it('reports an entry that fails for longer than the invocation, and sends nothing behind its call', async () => {
    const bus = oneFails();
    const { response } = await handle(bus, stream());
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(14) }] });
    expect(announced(bus)).toEqual(KEYS.slice(0, 20).filter((key) => key !== 'upload-14'));
  });

  it('loses nothing when Lambda brings it again, and repeats nothing that this environment has announced', async () => {
    const bus = oneFails();
    await handleUntilDone(bus, stream());
    expect(bus.calls.length).toBeGreaterThanOrEqual(60);
    expect(announced(bus).toSorted()).toEqual(KEYS.toSorted());
  });

  it('loses nothing when another environment goes on, which repeats at most what was in the same call', async () => {
    const bus = oneFails();
    await handle(bus, stream());
    await handleUntilDone(bus, stream().slice(14));
    expect(new Set(announced(bus))).toEqual(new Set(KEYS));
    const twice = announced(bus).filter((key, at, all) => all.indexOf(key) !== at);
    expect(twice.toSorted()).toEqual(KEYS.slice(15, 20));
  });

  it('loses nothing, invents nothing and repeats little, whatever fails and whichever environment goes on', async () => {
    const faults = fc.array(fc.constantFrom('away', 'throttled', 'entries', 'none'), { minLength: 1, maxLength: 60 });
    const environments = fc.array(fc.boolean(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(faults, environments, fc.nat({ max: 9 }), async (sequence, moves, failing) => {
        const faultOf = (call: number) => (call <= sequence.length ? sequence[call - 1] : 'none');
        const bus = busDouble({
          failCall: (call) => {
            if (faultOf(call) === 'away') return new Error('ECONNREFUSED');
            return faultOf(call) === 'throttled' ? serviceError('ThrottlingException', 400) : undefined;
          },
          failEntry: ({ Detail }, call) =>
            faultOf(call) === 'entries' && Number(/"s3_key":"upload-(\d+)"/.exec(Detail)?.[1]) % 10 === failing
              ? throttled
              : undefined,
        });
        const moved = await handleUntilDone(bus, stream(), moves);
        expect(new Set(announced(bus))).toEqual(new Set(KEYS));
        // At most the rest of one call for each time that another environment went on.
        expect(bus.events.length - KEYS.length).toBeLessThanOrEqual(9 * moved);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
