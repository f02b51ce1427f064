import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChangeView, QueuesView, RecordView } from '../../../src/console/api-types.ts';
import { LiveFeed, type LiveFeedOptions, watchQueues } from '../../../src/console/live/live-feed.ts';
import { RECORDS_SHOWN } from '../../../src/console/live/live-state.ts';
import type { QueueRef } from '../../../src/dead-letters/queues.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { uploadAt } from '../records.ts';

/** A queue with so many messages. */
function queue(counts: () => readonly [visible: number, hidden: number, delayed: number]): QueueRef {
  const send = async () => {
    const [visible, hidden, delayed] = counts();
    return {
      Attributes: {
        QueueArn: 'arn',
        ApproximateNumberOfMessages: `${visible}`,
        ApproximateNumberOfMessagesNotVisible: `${hidden}`,
        ApproximateNumberOfMessagesDelayed: `${delayed}`,
      },
    };
  };
  return { client: { send: send as QueueRef['client']['send'] }, url: 'queue' };
}

describe('watchQueues', () => {
  it('counts waiting messages, those in flight and dead letters', async () => {
    const read = watchQueues({ uploads: queue(() => [3, 2, 1]), deadLetters: queue(() => [5, 1, 0]) });
    expect(await read(0)).toEqual({ waiting: 4, inFlight: 2, backlogAge: 0, deadLetters: 6 });
  });

  it('measures how long the queue has not been empty', async () => {
    let waiting = 0;
    const read = watchQueues({ uploads: queue(() => [waiting, 0, 0]), deadLetters: queue(() => [0, 0, 0]) });
    await read(1000);
    waiting = 7;
    expect((await read(2000)).backlogAge).toBe(1000);
    expect((await read(9000)).backlogAge).toBe(8000);
    waiting = 0;
    expect((await read(10_000)).backlogAge).toBe(0);
    waiting = 1;
    expect((await read(11_000)).backlogAge).toBe(1000);
  });
});

const EMPTY: QueuesView = { waiting: 0, inFlight: 0, backlogAge: 0, deadLetters: 0 };
const MINUTE = 60_000;

describe('LiveFeed', () => {
  const open: LiveFeed[] = [];
  afterEach(() => {
    for (const feed of open.splice(0)) feed.close();
  });

  function feedOf(ledger: MemoryLedger, options: Partial<LiveFeedOptions> = {}): LiveFeed {
    const feed = new LiveFeed({
      reader: ledger.reader(),
      readQueues: async () => EMPTY,
      clock: systemClock,
      pollMilliseconds: 5,
      explain: String,
      ...options,
    });
    open.push(feed);
    return feed;
  }

  /** Listens, and keeps the changes. */
  function listenTo(feed: LiveFeed) {
    const changes: ChangeView[] = [];
    const listener = (change: ChangeView) => void changes.push(change);
    feed.listen(listener);
    const records = (): RecordView[] => changes.flatMap((change) => change.records);
    /** Uploads by minute, as a page adds the changes up. */
    const uploads = () => {
      const minutes = new Map(
        changes.flatMap((change) => change.minutes.map((one) => [one.minute, one.uploads] as const)),
      );
      return [...minutes.values()].flat().reduce((sum, count) => sum + count, 0);
    };
    return { changes, records, uploads, stop: () => feed.unlisten(listener) };
  }

  it('sends the records that are there, then each new one once', async () => {
    const ledger = new MemoryLedger();
    for (let index = 0; index < 5; index += 1) ledger.add(uploadAt(Date.now() - MINUTE + index, `old-${index}`));
    const heard = listenTo(feedOf(ledger));
    await vi.waitFor(() => expect(heard.records()).toHaveLength(5), 5000);
    ledger.add(uploadAt(Date.now(), 'new'));
    await vi.waitFor(() => expect(heard.records().map((record) => record.s3_key)).toContain('new'), 5000);
    expect(heard.records().map((record) => record.s3_key)).toEqual([
      'old-0',
      'old-1',
      'old-2',
      'old-3',
      'old-4',
      'new',
    ]);
  });

  it('counts every upload of the last hour once, however it learns of it', async () => {
    const ledger = new MemoryLedger();
    const count = RECORDS_SHOWN * 5;
    for (let index = 0; index < count; index += 1)
      ledger.add(uploadAt(Date.now() - 50 * MINUTE + index * 1000, `${index}`));
    const heard = listenTo(feedOf(ledger));
    ledger.add(uploadAt(Date.now(), 'meanwhile'));
    await vi.waitFor(() => expect(heard.uploads()).toBe(count + 1), 5000);
    expect(heard.records().length).toBeLessThanOrEqual(RECORDS_SHOWN + 1);
  });

  it('measures how late new records are, but not those that were there', async () => {
    const ledger = new MemoryLedger();
    ledger.add(uploadAt(Date.now() - 30 * MINUTE, 'old'));
    const heard = listenTo(feedOf(ledger));
    await vi.waitFor(() => expect(heard.uploads()).toBe(1), 5000);
    expect(heard.changes.at(-1)?.delay).toBeUndefined();
    ledger.add(uploadAt(Date.now() - 4000, 'late'));
    await vi.waitFor(() => expect(heard.changes.at(-1)?.delay?.count).toBe(1), 5000);
    expect(heard.changes.at(-1)?.delay?.median).toBeGreaterThanOrEqual(4000);
  });

  it('reports a failure, tries again, and takes the report back', async () => {
    const ledger = new MemoryLedger();
    ledger.add(uploadAt(Date.now(), 'one'));
    let isDown = true;
    const reader = ledger.reader();
    const follow: typeof reader.follow = (options) => {
      if (isDown) throw new Error('the table is away');
      return reader.follow(options);
    };
    const heard = listenTo(feedOf(ledger, { reader: { ...reader, follow }, retryMilliseconds: 20 }));
    await vi.waitFor(() => expect(heard.changes.at(-1)?.trouble).toBe('Error: the table is away'), 5000);
    isDown = false;
    await vi.waitFor(() => expect(heard.records()).toHaveLength(1), 5000);
    await vi.waitFor(() => expect(heard.changes.at(-1)?.trouble).toBeUndefined(), 5000);
    expect(heard.uploads()).toBe(1);
  });

  it('calls nothing while nobody listens', async () => {
    let looks = 0;
    const readQueues = async () => {
      looks += 1;
      return EMPTY;
    };
    const feed = feedOf(new MemoryLedger(), { readQueues });
    const heard = listenTo(feed);
    await vi.waitFor(() => expect(heard.changes.length).toBeGreaterThan(0), 5000);
    heard.stop();
    const before = looks;
    listenTo(feed).stop();
    await vi.waitFor(() => expect(looks).toBeGreaterThanOrEqual(before), 1000);
    expect(looks - before).toBeLessThanOrEqual(1);
  });

  it('gives a later listener what the first has seen', async () => {
    const ledger = new MemoryLedger();
    ledger.add(uploadAt(Date.now(), 'one'));
    const feed = feedOf(ledger);
    const first = listenTo(feed);
    await vi.waitFor(() => expect(first.records()).toHaveLength(1), 5000);
    const snapshot = feed.listen(() => undefined);
    expect(snapshot.records.map((record) => record.s3_key)).toEqual(['one']);
    expect(snapshot.minutes.flatMap((minute) => minute.uploads).reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(snapshot.queues).toEqual(EMPTY);
  });
});
