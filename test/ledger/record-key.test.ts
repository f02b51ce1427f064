import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordTooLargeError, recordKey } from '../../src/ledger/record-key.ts';
import { eventTimes, SEED, sequencers, uploads } from '../builders/arbitraries.ts';
import { upload, uploadWithoutSequencer } from '../builders/upload.ts';

const idOf = (parts: Parameters<typeof upload>[0]) => recordKey(upload(parts)).upload_id;
const fallbackOf = (parts: Parameters<typeof upload>[0]) => recordKey(uploadWithoutSequencer(parts)).upload_id;

/** S3's documented order of two sequencers of one key: right-pad the shorter with zeros, compare as strings. */
function bySequencer(a: string, b: string): number {
  const width = Math.max(a.length, b.length);
  return compare(a.padEnd(width, '0'), b.padEnd(width, '0'));
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

describe('recordKey', () => {
  it('consists of the object and the padded sequencer', () => {
    expect(recordKey(upload({ key: 'a b/ü.jpg', sequencer: '0067B2F0A41C5D3E7F' }))).toEqual({
      s3_object: 'acme-uploads/a b/ü.jpg',
      upload_id: '0067B2F0A41C5D3E7F00000000000000',
    });
  });

  it('keeps a sequencer that is longer than the padding whole', () => {
    expect(idOf({ sequencer: 'A'.repeat(40) })).toBe('A'.repeat(40));
    expect(idOf({ sequencer: `${'A'.repeat(32)}00` })).toBe('A'.repeat(32));
    expect(idOf({ sequencer: '0'.repeat(40) })).toBe('0'.repeat(32));
  });

  it.each([
    [{}, '.2026-11-22T10:15:30.123Z/uploaded//'],
    [{ eTag: 'abc-3' }, '.2026-11-22T10:15:30.123Z/uploaded//abc-3'],
    [{ versionId: 'null', eTag: 'abc' }, '.2026-11-22T10:15:30.123Z/uploaded//abc'],
    [{ versionId: 'v.1/2', eTag: 'abc' }, '.2026-11-22T10:15:30.123Z/uploaded/v.1%2F2/abc'],
    [{ status: 'restored', versionId: 'v1' }, '.2026-11-22T10:15:30.123Z/restored/v1/'],
  ] as const)('falls back to time, status, version and eTag without a sequencer: %j', (parts, id) => {
    expect(fallbackOf(parts)).toBe(id);
  });

  it.each([
    ['LifecycleExpiration:Delete', 'deleted'],
    ['LifecycleExpiration:DeleteMarkerCreated', 'deleted'],
    ['ObjectRestore:Completed', 'restored'],
  ] as const)('holds time and name of %s, which has the sequencer of the creation', (eventName, status) => {
    const eventTime = '2028-06-01T00:00:00.000Z';
    expect(idOf({ eventName, status, eventTime, versionId: 'v1', eTag: 'abc' })).toBe(
      `.2028-06-01T00:00:00.000Z/0067B2F0A41C5D3E7F00000000000000/${eventName}`,
    );
  });

  it.each([
    'ObjectCreated:Put',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
  ])('is the sequencer alone of %s, as it always was', (eventName) => {
    expect(idOf({ eventName, eventTime: '2028-06-01T00:00:00.000Z' })).toBe('0067B2F0A41C5D3E7F00000000000000');
  });

  it('tells the events of one version apart, also without a sequencer', () => {
    const created = { versionId: 'v1', eTag: 'abc' };
    const ids = [
      fallbackOf(created),
      fallbackOf({ ...created, status: 'restored', eventTime: '2026-12-01T00:00:00.000Z' }),
      fallbackOf({ ...created, status: 'restored', eventTime: '2027-01-01T00:00:00.000Z' }),
      fallbackOf({ ...created, status: 'deleted', eventTime: '2027-01-01T00:00:00.000Z' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('sorts ids without a sequencer by time, and before all that have one', () => {
    const ids = [
      idOf({ sequencer: '0000000000000001' }),
      fallbackOf({ eventTime: '9999-12-31T23:59:59.999Z' }),
      fallbackOf({ eventTime: '1970-01-01T00:00:00.000Z' }),
    ];
    expect(ids.toSorted(compare)).toEqual(ids.toReversed());
  });

  it('rejects an object whose key has more bytes than a partition key may have', () => {
    const room = 2048 - 'acme-uploads/'.length;
    expect(() => recordKey(upload({ key: 'k'.repeat(room) }))).not.toThrow();
    expect(() => recordKey(upload({ key: 'k'.repeat(room + 1) }))).toThrow(
      new RecordTooLargeError('s3_object', 2048, 2049),
    );
    // Two and three bytes a character: fewer characters than bytes.
    expect(() => recordKey(upload({ key: 'é'.repeat(room / 2 + 1) }))).toThrow(RecordTooLargeError);
    expect(() => recordKey(upload({ key: '€'.repeat(room / 3 + 1) }))).toThrow(RecordTooLargeError);
  });

  it('takes the longest name and key that S3 allows', () => {
    expect(() => recordKey(upload({ bucket: 'b'.repeat(63), key: 'k'.repeat(1024) }))).not.toThrow();
  });

  it('rejects an id that is longer than a sort key may be', () => {
    expect(() => recordKey(upload({ sequencer: 'A'.repeat(1024) }))).not.toThrow();
    expect(() => recordKey(upload({ sequencer: 'A'.repeat(1025) }))).toThrow(
      new RecordTooLargeError('upload_id', 1024, 1025),
    );
    const error = new RecordTooLargeError('upload_id', 1024, 1025);
    expect([error.name, error.code, error.message]).toEqual([
      'RecordTooLargeError',
      'record-too-large',
      'expected upload_id of at most 1024 bytes, got 1025',
    ]);
  });
});

describe('the keys of any uploads', () => {
  it('sort as S3 orders their sequencers, and are equal only where S3 calls them equal', () => {
    const close = fc
      .tuple(sequencers(), sequencers(), fc.nat({ max: 40 }))
      .map(([a, b, length]) => [a, a.slice(0, length) + b] as const);
    fc.assert(
      fc.property(fc.oneof(close, fc.tuple(sequencers(), sequencers())), ([a, b]) => {
        expect(compare(idOf({ sequencer: a }), idOf({ sequencer: b }))).toBe(bySequencer(a, b));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('differ without sequencers where time, status, version or eTag differ', () => {
    const identity = (one: ReturnType<typeof upload>) =>
      JSON.stringify([
        one.eventTime,
        one.status,
        one.versionId === 'null' ? '' : (one.versionId ?? ''),
        one.eTag ?? '',
      ]);
    const parts = fc.record(
      {
        eventTime: fc.constantFrom('2026-11-22T10:15:30.123Z', '2026-11-22T10:15:30.124Z'),
        status: fc.constantFrom('uploaded', 'deleted'),
        versionId: fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'F'), minLength: 1, maxLength: 4 }),
        eTag: fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'F'), minLength: 1, maxLength: 4 }),
      },
      { requiredKeys: ['eventTime', 'status'] },
    );
    fc.assert(
      fc.property(parts.map(uploadWithoutSequencer), parts.map(uploadWithoutSequencer), (a, b) => {
        expect(recordKey(a).upload_id === recordKey(b).upload_id).toBe(identity(a) === identity(b));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('never collide between an upload with a sequencer and one without', () => {
    fc.assert(
      fc.property(uploads(), sequencers(), ({ sequencer: _, ...without }, sequencer) => {
        expect(recordKey({ ...without, sequencer }).upload_id).not.toBe(recordKey(without).upload_id);
      }),
      { seed: SEED },
    );
  });

  it('tell all events of one sequencer apart that differ in time or name', () => {
    const kind = fc.constantFrom(
      ...(['ObjectCreated:Put', 'LifecycleExpiration:Delete', 'ObjectRestore:Completed'] as const),
    );
    const event = fc.record({ eventName: kind, eventTime: eventTimes() });
    fc.assert(
      fc.property(sequencers(), event, event, (sequencer, a, b) => {
        const isRequest = a.eventName === 'ObjectCreated:Put';
        const same = a.eventName === b.eventName && (isRequest || a.eventTime === b.eventTime);
        expect(idOf({ ...a, sequencer }) === idOf({ ...b, sequencer })).toBe(same);
      }),
      { seed: SEED },
    );
  });

  it('are shared by two objects only if they are one', () => {
    fc.assert(
      fc.property(uploads(), uploads(), (a, b) => {
        const same = a.bucket === b.bucket && a.key === b.key;
        expect(recordKey(a).s3_object === recordKey(b).s3_object).toBe(same);
      }),
      { seed: SEED },
    );
  });
});
