import { describe, expect, it } from 'vitest';
import { type BusFault, SimulatedEventBridge } from './simulated-eventbridge.ts';
import { VirtualClock } from './virtual-clock.ts';

const ENTRY = { Source: 'source', DetailType: 'Type', Resources: ['arn'], Detail: '{"id":"1"}' };

function open(fault?: BusFault) {
  const clock = new VirtualClock(0, 1);
  const bus = new SimulatedEventBridge({ clock, fault: () => fault });
  const put = (count: number, entry = ENTRY) => clock.run(bus.put(Array.from({ length: count }, () => entry)));
  return { clock, bus, put };
}

describe('the simulated EventBridge', () => {
  it('has an event of each entry that it accepts', async () => {
    const { bus, put } = open();
    expect(await put(2)).toEqual([{ EventId: 'event-1' }, { EventId: 'event-2' }]);
    const event = { source: 'source', type: 'Type', resources: ['arn'], detail: '{"id":"1"}' };
    expect(bus.accepted).toEqual([expect.objectContaining(event), expect.objectContaining(event)]);
  });

  it.each([
    ['no entries', 0, ENTRY],
    ['more than ten', 11, ENTRY],
    ['more than 256 kB', 2, { ...ENTRY, Detail: 'x'.repeat(130 * 1024) }],
  ])('refuses a call with %s', async (_, count, entry) => {
    const { bus, put } = open();
    await expect(put(count, entry)).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(bus.accepted).toEqual([]);
  });

  it('says which entries it did not accept', async () => {
    const { bus, put } = open({ kind: 'entries', share: 0.5 });
    const answer = await put(10);
    const failed = answer.filter(({ ErrorCode }) => ErrorCode === 'InternalFailure');
    expect(failed.length).toBeGreaterThan(0);
    expect(bus.accepted).toHaveLength(10 - failed.length);
  });

  it.each([
    ['unavailable', 'InternalException', 0],
    ['throttled', 'ThrottlingException', 0],
    ['answer-lost', 'TimeoutError', 1],
    ['stalled', 'TimeoutError', 0],
    ['late', 'TimeoutError', 0],
  ] as const)('fails a call that is %s', async (kind, name, accepted) => {
    const { bus, put } = open({ kind });
    await expect(put(1)).rejects.toMatchObject({ name });
    expect(bus.accepted).toHaveLength(accepted);
  });

  it('accepts what comes late after the caller has given it up', async () => {
    const { clock, bus, put } = open({ kind: 'late' });
    await expect(put(1)).rejects.toThrow();
    const given = clock.now();
    await clock.run(clock.sleep(10_000));
    expect(bus.accepted[0]?.at).toBeGreaterThan(given);
  });
});
