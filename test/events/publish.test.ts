import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { type EventEntry, type PutEvents, publish } from '../../src/events/publish.ts';
import { manualClock } from '../builders/manual-clock.ts';
import { type BusDouble, busDouble, serviceError } from './bus-double.ts';

const entry = (name: string): EventEntry => ({
  EventBusName: 'default',
  Source: 'upload-ledger',
  DetailType: 'UploadRecorded',
  Resources: [],
  Detail: JSON.stringify({ name }),
});
const NAMES = Array.from({ length: 25 }, (_, at) => `upload-${at}`);
const named = ({ events }: BusDouble) => events.map(({ Detail }) => JSON.parse(Detail).name);
const throttled = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };

function publishTo({ putEvents }: BusDouble, entries = NAMES.map(entry)) {
  const clock = manualClock({ random: () => 1 });
  return publish(entries, { putEvents, clock, deadline: 5_000 });
}

describe('publish', () => {
  it('puts all entries on the bus, in their order, ten in a call', async () => {
    const bus = busDouble();
    expect(await publishTo(bus)).toEqual({ publishedBehind: [], refused: [] });
    expect(named(bus)).toEqual(NAMES);
    expect(bus.calls).toEqual([10, 10, 5]);
  });

  it('makes no call for no entries', async () => {
    const bus = busDouble();
    expect(await publishTo(bus, [])).toEqual({ publishedBehind: [], refused: [] });
    expect(bus.calls).toEqual([]);
  });

  it('tries an entry that failed again, alone', async () => {
    const bus = busDouble({
      failEntry: ({ Detail }, call) => (Detail.includes('"upload-3"') && call < 4 ? throttled : undefined),
    });
    expect(await publishTo(bus, NAMES.slice(0, 10).map(entry))).toEqual({ publishedBehind: [], refused: [] });
    expect(bus.calls).toEqual([10, 1, 1, 1]);
    expect(named(bus).toSorted()).toEqual(NAMES.slice(0, 10).toSorted());
  });

  it('names the first entry that never got through, and sends nothing behind its call', async () => {
    const bus = busDouble({ failEntry: ({ Detail }) => (Detail.includes('"upload-13"') ? throttled : undefined) });
    const { failedAt, error, publishedBehind, refused } = await publishTo(bus);
    expect({ failedAt, publishedBehind, refused }).toEqual({
      failedAt: 13,
      publishedBehind: [14, 15, 16, 17, 18, 19],
      refused: [],
    });
    expect(String(error)).toContain('ThrottlingException: Rate exceeded');
    expect(named(bus)).toEqual(NAMES.slice(0, 20).filter((name) => name !== 'upload-13'));
  });

  it('tries again while EventBridge is away, and gives up in time', async () => {
    const short = busDouble({ failCall: (call) => (call < 4 ? new Error('ECONNREFUSED') : undefined) });
    expect(await publishTo(short)).toEqual({ publishedBehind: [], refused: [] });
    expect(named(short)).toEqual(NAMES);

    const long = busDouble({ failCall: () => serviceError('InternalException', 500) });
    const published = await publishTo(long);
    expect(published).toMatchObject({ failedAt: 0, error: { name: 'InternalException' } });
    expect(named(long)).toEqual([]);
    expect(new Set(long.calls)).toEqual(new Set([10]));
  });

  it('tries a throttled call again', async () => {
    const bus = busDouble({ failCall: (call) => (call < 3 ? serviceError('ThrottlingException', 400) : undefined) });
    expect(await publishTo(bus)).toEqual({ publishedBehind: [], refused: [] });
    expect(named(bus)).toEqual(NAMES);
  });

  it('does not repeat a call that is forbidden', async () => {
    const bus = busDouble({ failCall: () => serviceError('AccessDeniedException', 400) });
    expect(await publishTo(bus)).toMatchObject({ failedAt: 0, error: { name: 'AccessDeniedException' } });
    expect(bus.calls).toEqual([10]);
  });

  it('takes entries for failed that the answer does not tell of', async () => {
    const bus = busDouble();
    const clock = manualClock({ random: () => 1 });
    const putEvents: PutEvents = async (entries, signal) => (await bus.putEvents(entries, signal)).slice(0, 1);
    const { failedAt } = await publish(NAMES.slice(0, 3).map(entry), { putEvents, clock, deadline: 40 });
    expect([failedAt, bus.calls]).toEqual([1, [3]]);
  });

  it('leaves out an entry that EventBridge can never take, so that those behind it do not wait', async () => {
    const malformed = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const bus = busDouble({ failEntry: ({ Detail }) => (Detail.includes('"upload-2"') ? malformed : undefined) });
    const large = { ...entry('large'), Detail: JSON.stringify('x'.repeat(LIMITS.eventbridge.callBytes)) };
    const entries = [large, ...NAMES.map(entry)];
    expect(await publishTo(bus, entries)).toEqual({
      publishedBehind: [],
      refused: [
        { at: 0, reason: expect.stringMatching(/^\d+ bytes are too many$/) },
        { at: 3, reason: 'MalformedDetail: Detail is malformed.' },
      ],
    });
    expect(named(bus)).toEqual(NAMES.filter((name) => name !== 'upload-2'));
  });

  describe('where EventBridge refuses calls as a whole', () => {
    const invalid = serviceError('ValidationException', 400);
    const refusing = (...names: readonly string[]) =>
      busDouble({
        failCall: (_, entries) =>
          entries.some(({ Detail }) => names.includes(JSON.parse(Detail).name)) ? invalid : undefined,
      });

    it('leaves out the entries that are refused alone, and puts all others in their order', async () => {
      const bus = refusing('upload-3', 'upload-12');
      const reason = expect.stringContaining('ValidationException');
      expect(await publishTo(bus)).toEqual({
        publishedBehind: [],
        refused: [
          { at: 3, reason },
          { at: 12, reason },
        ],
      });
      expect(named(bus)).toEqual(NAMES.filter((name) => !['upload-3', 'upload-12'].includes(name)));
    });

    it('leaves out none where every one is refused: then it is not they that are at fault', async () => {
      const bus = refusing(...NAMES);
      expect(await publishTo(bus)).toEqual({ failedAt: 0, error: invalid, publishedBehind: [], refused: [] });
      expect(named(bus)).toEqual([]);
      const lone = refusing('lone');
      expect(await publishTo(lone, [entry('lone')])).toMatchObject({ failedAt: 0, refused: [] });
      expect(lone.calls).toEqual([1]);
    });

    it('stops at an entry that fails for another reason, and sends nothing behind it', async () => {
      const bus = busDouble({
        failCall: (_, entries) => (entries.some(({ Detail }) => Detail.includes('"upload-1"')) ? invalid : undefined),
        failEntry: ({ Detail }) => (Detail.includes('"upload-2"') ? throttled : undefined),
      });
      const published = await publishTo(bus, NAMES.slice(0, 5).map(entry));
      expect(published).toMatchObject({ failedAt: 2, publishedBehind: [], refused: [{ at: 1 }] });
      expect(named(bus)).toEqual(['upload-0']);
    });

    it('says what is on the bus when only what was tried again is refused', async () => {
      const bus = busDouble({
        failCall: (call) => (call === 1 ? undefined : invalid),
        failEntry: ({ Detail }) => (/"upload-[13]"/.test(Detail) ? throttled : undefined),
      });
      const { failedAt, publishedBehind, refused } = await publishTo(bus, NAMES.slice(0, 5).map(entry));
      expect({ failedAt, publishedBehind, refused }).toEqual({ failedAt: 1, publishedBehind: [2, 4], refused: [] });
    });
  });

  it('puts no more bytes into a call than it takes', async () => {
    const bus = busDouble();
    const half = (name: string) => entry(name + 'x'.repeat(LIMITS.eventbridge.callBytes / 2 - 100));
    await publishTo(bus, ['a', 'b', 'c'].map(half));
    expect(bus.calls).toEqual([2, 1]);
  });
});
