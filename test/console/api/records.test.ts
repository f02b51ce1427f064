import { describe, expect, it } from 'vitest';
import { objectView, SEARCH_LIMIT, search } from '../../../src/console/api/records.ts';
import type { SearchLine } from '../../../src/console/api-types.ts';
import type { LedgerReader } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { uploadAt } from '../records.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

function ledgerOf(records: readonly LedgerRecord[]): LedgerReader {
  const ledger = new MemoryLedger();
  for (const record of records) ledger.add(record);
  return ledger.reader();
}

async function linesOf(reader: LedgerReader, query: string): Promise<SearchLine[]> {
  return Array.fromAsync(search(reader, new URLSearchParams(query), NOW, new AbortController().signal));
}

function keysOf(lines: readonly SearchLine[]): string[] {
  return lines.flatMap((line) => ('record' in line ? [line.record.s3_key] : []));
}

describe('search', () => {
  it('finds by prefix, uploader, category, status and time, newest first', async () => {
    const reader = ledgerOf([
      uploadAt(NOW - 5000, 'photos/a.jpg', { uploader: 'alice' }),
      uploadAt(NOW - 4000, 'photos/b.jpg', { uploader: 'bob' }),
      uploadAt(NOW - 3000, 'music/c.mp3', { uploader: 'alice', category: 'audio' }),
      uploadAt(NOW - 2000, 'photos/a.jpg', { uploader: 'alice', status: 'deleted' }),
    ]);
    expect(keysOf(await linesOf(reader, ''))).toEqual(['photos/a.jpg', 'music/c.mp3', 'photos/b.jpg', 'photos/a.jpg']);
    expect(keysOf(await linesOf(reader, 'prefix=music/'))).toEqual(['music/c.mp3']);
    expect(keysOf(await linesOf(reader, 'uploader=alice&status=uploaded'))).toEqual(['music/c.mp3', 'photos/a.jpg']);
    expect(keysOf(await linesOf(reader, 'category=audio'))).toEqual(['music/c.mp3']);
    const range = `since=${new Date(NOW - 4000).toISOString()}&until=${new Date(NOW - 2000).toISOString()}`;
    expect(keysOf(await linesOf(reader, range))).toEqual(['music/c.mp3', 'photos/b.jpg']);
  });

  it('ends with where to go on, and goes on there without missing or repeating a record', async () => {
    // Many of one time: a page ends in the middle of them.
    const records = Array.from({ length: SEARCH_LIMIT * 3 + 7 }, (_, index) =>
      uploadAt(NOW - Math.floor(index / 90) * 1000, `${index}`),
    );
    const reader = ledgerOf(records);
    const found: string[] = [];
    let query = '';
    for (let page = 0; page < 4; page += 1) {
      const lines = await linesOf(reader, query);
      const keys = keysOf(lines);
      expect(keys.length).toBeLessThanOrEqual(SEARCH_LIMIT);
      found.push(...keys);
      const last = lines.at(-1);
      const next = last !== undefined && 'done' in last ? last.next : undefined;
      expect(next === undefined).toBe(page === 3);
      query = next === undefined ? '' : `from=${encodeURIComponent(next)}`;
    }
    expect(found).toHaveLength(records.length);
    expect(new Set(found).size).toBe(records.length);
  });

  it('goes back 30 days without a beginning, and further with one', async () => {
    const reader = ledgerOf([uploadAt(NOW - 40 * 86_400_000, 'old')]);
    expect(keysOf(await linesOf(reader, ''))).toEqual([]);
    expect(keysOf(await linesOf(reader, 'since=2026-01-01T00:00Z'))).toEqual(['old']);
  });

  it.each(['', '&uploader=alice'])(
    'refuses a beginning after the end, or at it, in one clear message %s',
    async (more) => {
      const range = 'since=2026-11-22T10:00Z&until=2026-11-22T10:00Z';
      await expect(linesOf(ledgerOf([]), range + more)).rejects.toThrow(
        'Expected From (2026-11-22T10:00:00.000Z) to be before Until (2026-11-22T10:00:00.000Z).',
      );
    },
  );

  it('asks for no day after this one, however far the end is', async () => {
    const ends: Date[] = [];
    const reader = ledgerOf([]);
    const newest: LedgerReader['newest'] = (options) => {
      ends.push(options.until);
      return reader.newest(options);
    };
    await linesOf({ ...reader, newest }, 'since=2026-11-20T00:00Z&until=9999-12-31T00:00Z');
    expect(ends).toEqual([new Date('2026-11-22T13:00:00Z')]);
  });

  it.each(['until=%2B275760-09-13T00:00:00Z', 'since=-000001-01-01T00:00:00Z', 'until=soon'])(
    'refuses a time that no record can have: %s',
    async (query) => {
      await expect(linesOf(ledgerOf([]), query)).rejects.toThrow(/^Expected an ISO 8601 time as "(?:since|until)"\.$/);
    },
  );

  it('reports how far it is while nothing is found', async () => {
    async function* nothing(onDay?: (day: string) => void): AsyncGenerator<LedgerRecord> {
      onDay?.('2026-11-22');
      await new Promise((resolve) => setImmediate(resolve));
      onDay?.('2026-11-21');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const reader = { ...ledgerOf([]), newest: ({ onDay }: { onDay?: (day: string) => void }) => nothing(onDay) };
    expect(await linesOf(reader, '')).toEqual([
      { day: '2026-11-22', read: 0 },
      { day: '2026-11-21', read: 0 },
      { done: true, read: 0 },
    ]);
  });

  it.each(['category=nonsense', 'status=x', 'since=yesterday', 'from=abc', 'from=2026-11-22T12:00:00Z~x'])(
    'refuses %s',
    async (query) => {
      await expect(linesOf(ledgerOf([]), query)).rejects.toThrow(/^Expected /);
    },
  );
});

describe('the view of an object', () => {
  const bucket = 'uploads-bucket';
  const view = (reader: LedgerReader) => objectView(reader, { bucket, key: 'a' }, new AbortController().signal);

  it('has its current state by versions, and its history, newest first', async () => {
    const first = uploadAt(NOW - 3000, 'a', { version_id: 'v1' });
    const second = uploadAt(NOW - 2000, 'a', { version_id: 'v2' });
    const expired = uploadAt(NOW - 1000, 'a', {
      version_id: 'v1',
      status: 'deleted',
      event_name: 'LifecycleExpiration:Delete',
    });
    const { current, history, isCut } = await view(ledgerOf([first, second, expired]));
    expect(current).toMatchObject({ version_id: 'v2', status: 'uploaded' });
    expect(history.map(({ timestamp }) => timestamp)).toEqual(
      [expired, second, first].map(({ timestamp }) => timestamp),
    );
    expect(isCut).toBe(false);
  });

  it('has the current state also when that is older than the history that is sent', async () => {
    const deletes = Array.from({ length: 600 }, (_, index) =>
      uploadAt(NOW + index, 'a', {
        version_id: `old ${index}`,
        status: 'deleted',
        event_name: 'ObjectRemoved:Delete',
      }),
    );
    const { current, history, isCut } = await view(
      ledgerOf([uploadAt(NOW - 1, 'a', { version_id: 'v1' }), ...deletes]),
    );
    expect(current).toMatchObject({ version_id: 'v1', status: 'uploaded' });
    expect({ length: history.length, isCut }).toEqual({ length: 500, isCut: true });
  });

  it('names the key in another form of Unicode of which something is recorded', async () => {
    const [composed, decomposed] = ['é'.normalize('NFC'), 'é'.normalize('NFD')];
    const reader = ledgerOf([uploadAt(NOW, decomposed)]);
    const nothing = await objectView(reader, { bucket, key: composed }, new AbortController().signal);
    expect(nothing).toEqual({ history: [], isCut: false, other: { form: 'NFD', text: decomposed } });
  });

  it('has neither when nothing is recorded', async () => {
    expect(await view(ledgerOf([]))).toEqual({ history: [], isCut: false });
  });
});
