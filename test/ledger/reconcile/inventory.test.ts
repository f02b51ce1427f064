import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { currentState } from '../../../src/ledger/current-state.ts';
import { newestFirst } from '../../../src/ledger/read/history.ts';
import type { BucketObject } from '../../../src/ledger/reconcile/bucket-object.ts';
import { toFoundRecord } from '../../../src/ledger/reconcile/found-record.ts';
import { parseManifest, readInventory, readManifest } from '../../../src/ledger/reconcile/inventory.ts';
import type { RecordingSettings } from '../../../src/ledger/record.ts';

const MANIFEST = {
  sourceBucket: 'uploads',
  destinationBucket: 'arn:aws:s3:::lists',
  fileFormat: 'CSV',
  fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag',
  files: [{ key: 'data/a.csv.gz', size: 100, MD5checksum: 'x' }],
};

const parse = (changes: object = {}) => parseManifest(JSON.stringify({ ...MANIFEST, ...changes }));
const NO_MANIFEST = 'expected the manifest.json of an S3 Inventory, got something else';

describe('parseManifest', () => {
  it('says whose objects are listed, where, and with which columns', () => {
    expect(parse()).toEqual({
      sourceBucket: 'uploads',
      bucket: 'lists',
      fields: ['Bucket', 'Key', 'Size', 'LastModifiedDate', 'ETag'],
      files: [{ key: 'data/a.csv.gz', size: 100 }],
    });
  });

  it('takes the bucket as an ARN of any partition, or as a name', () => {
    expect(parse({ destinationBucket: 'arn:aws-us-gov:s3:::lists' }).bucket).toBe('lists');
    expect(parse({ destinationBucket: 'lists' }).bucket).toBe('lists');
    expect(parse({ destinationBucket: 'my-arn:aws:s3:::lists' }).bucket).toBe('my-arn:aws:s3:::lists');
  });

  it('takes any white space between columns, or none', () => {
    expect(parse({ fileSchema: 'Bucket,Key,  Size,LastModifiedDate, ETag' }).fields).toEqual(parse().fields);
  });

  it('counts a file without a size as empty', () => {
    const files = [{ key: 'a', size: 'much' }, { key: 'b' }, null];
    expect(parse({ files }).files.map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  it.each([{ sourceBucket: 3 }, { destinationBucket: null }, { files: 'a.csv.gz' }, { files: undefined }])(
    'is refused for something else: %j',
    (changes) => {
      expect(() => parse(changes)).toThrow(
        expect.objectContaining({ name: 'InventoryError', code: 'inventory-unusable', message: NO_MANIFEST }),
      );
    },
  );

  it.each(['null', '7', '[]', '"x"'])('rejects JSON of another kind: %s', (text) => {
    expect(() => parseManifest(text)).toThrow(NO_MANIFEST);
  });

  it('rejects what is not JSON, with the cause', () => {
    expect(() => parseManifest('<xml/>')).toThrow(
      expect.objectContaining({
        message: 'expected the manifest.json of an S3 Inventory, got something that is not JSON',
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('rejects another format, and repeats at most 20 characters of it', () => {
    expect(() => parse({ fileFormat: 'x'.repeat(21) })).toThrow(
      `expected an inventory in CSV, got ${'x'.repeat(20)}: configure one in CSV`,
    );
  });

  it.each(['Bucket', 'Key', 'Size', 'LastModifiedDate', 'ETag'])(
    'rejects an inventory without the column %s',
    (name) => {
      const fileSchema = MANIFEST.fileSchema.split(', ').filter((field) => field !== name);
      expect(() => parse({ fileSchema: fileSchema.join(', ') })).toThrow(
        `the inventory lacks ${name}: add them to its optional fields, and wait for the next one`,
      );
      expect(() => parse({ fileSchema: 'Bucket' })).toThrow('lacks Key, LastModifiedDate, Size, ETag:');
    },
  );
});

const FIELDS = 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag';

const MANIFEST2 = {
  sourceBucket: 'uploads',
  destinationBucket: 'arn:aws:s3:::lists',
  version: '2016-11-30',
  creationTimestamp: '1795305600000',
  fileFormat: 'CSV',
  fileSchema: FIELDS,
  files: [
    { key: 'data/a.csv.gz', size: 100, MD5checksum: 'x' },
    { key: 'data/b.csv.gz', size: 300, MD5checksum: 'y' },
  ],
};

/** S3 with these objects. */
function s3With(objects: Readonly<Record<string, string | Buffer>>) {
  const send = async ({ input: { Key } }: { input: { Key: string } }) => {
    const body = Readable.from([Buffer.from(objects[Key] ?? '')]);
    const transformToString = async () => String(objects[Key] ?? '');
    return { Body: Object.assign(body, { transformToString }) };
  };
  return { send } as never;
}

const manifest = { bucket: 'lists', key: 'manifest.json' };

async function read(files: Readonly<Record<string, string>>, overrides: object = {}) {
  const zipped = Object.entries(files).map(([key, text]) => [key, gzipSync(text)]);
  const client = s3With({
    'manifest.json': JSON.stringify({ ...MANIFEST2, ...overrides }),
    ...Object.fromEntries(zipped),
  });
  const parts: number[] = [];
  const options = { client, manifest, onFile: (part: number) => parts.push(part) };
  const contents = await readManifest(options);
  const objects: BucketObject[] = [];
  for await (const page of readInventory(contents, options)) objects.push(...page);
  return { objects, parts };
}

const settings: RecordingSettings = { uploads: {}, records: { indexShards: 4, source: 'backfill' } };

describe('readInventory', () => {
  it('gives every row of every file, with keys decoded', async () => {
    const a = [
      '"uploads","photos/a+b%2Bc%C3%A9.jpg","v1","true","false","12","2026-11-01T10:00:00.000Z","aaa"',
      '"uploads","gone.txt","v2","true","true","","2026-11-02T10:00:00.000Z",""',
    ];
    const b = '"uploads","say%22hi%22%2C.txt","","true","false","0","2026-11-03T10:00:00.000Z","b""b"';
    const { objects, parts } = await read({ 'data/a.csv.gz': `${a.join('\n')}\n`, 'data/b.csv.gz': b });
    const [first, second] = ['2026-11-01T10:00:00.000Z', '2026-11-02T10:00:00.000Z'] as const;
    expect(objects).toEqual([
      { bucket: 'uploads', key: 'photos/a b+cé.jpg', size: 12, eTag: 'aaa', versionId: 'v1', lastModified: first },
      { bucket: 'uploads', key: 'gone.txt', versionId: 'v2', lastModified: second, isDeleteMarker: true },
      { bucket: 'uploads', key: 'say"hi",.txt', size: 0, eTag: 'b"b', lastModified: '2026-11-03T10:00:00.000Z' },
    ]);
    expect(parts).toEqual([0.25, 1]);
  });

  it('orders the versions of one object that share a second: as listed, the current one last', async () => {
    const row = (key: string, id: string, isLatest: boolean, second: number, isMarker = false) =>
      `"uploads","${key}","${id}","${isLatest}","${isMarker}","1","2026-11-01T10:00:0${second}.000Z","a"`;
    const rows = [
      ...[row('a', 'newest', false, 1), row('a', 'marker', true, 1, true), row('a', 'older', false, 1)],
      ...[row('a', 'oldest', false, 0), row('b', 'other', true, 0)],
    ];
    const { objects } = await read({ 'data/a.csv.gz': rows.join('\n'), 'data/b.csv.gz': '' });
    const byTime = objects.toSorted((a, b) => (a.lastModified < b.lastModified ? -1 : 1));
    expect(byTime.filter(({ key }) => key === 'a').map(({ versionId }) => versionId)).toEqual([
      'oldest',
      'older',
      'newest',
      'marker',
    ]);
    const records = objects.filter(({ key }) => key === 'a').map((object) => toFoundRecord(object, settings));
    const byId = records.toSorted((a, b) => (a.upload_id < b.upload_id ? -1 : 1));
    const state = await currentState(newestFirst(byId));
    expect(state).toMatchObject({ exists: false, record: { version_id: 'marker' } });
    expect(byTime.find(({ key }) => key === 'b')?.lastModified).toBe('2026-11-01T10:00:00.000Z');
  });

  it('streams more rows than a page holds', async () => {
    const row = (number: number) => `"uploads","${number}","","true","false","1","2026-11-01T10:00:00.000Z","a"`;
    const text = Array.from({ length: 2500 }, (_, number) => row(number)).join('\n');
    const { objects } = await read({ 'data/a.csv.gz': text, 'data/b.csv.gz': '' });
    expect(objects.map(({ key }) => Number(key))).toEqual(Array.from({ length: 2500 }, (_, number) => number));
  });

  it('names the columns that are missing', async () => {
    await expect(read({}, { fileSchema: 'Bucket, Key, Size' })).rejects.toThrow(
      'the inventory lacks LastModifiedDate, ETag: add them to its optional fields, and wait for the next one',
    );
    await expect(read({}, { fileFormat: 'ORC' })).rejects.toThrow('expected an inventory in CSV, got ORC');
    await expect(read({}, { sourceBucket: 3 })).rejects.toThrow('expected the manifest.json of an S3 Inventory');
    const noJson = s3With({ 'manifest.json': '<xml/>' });
    await expect(readManifest({ client: noJson, manifest })).rejects.toThrow('something that is not JSON');
  });

  const row = (cells: Readonly<Record<string, string>> = {}) => {
    const { key = 'a', size = '1', time = '2026-11-01T10:00:00.000Z' } = cells;
    return `"uploads","${key}","","true","false","${size}","${time}","a"\n`;
  };
  const whole = gzipSync(row().repeat(5000));

  it.each<[broken: string, file: Buffer, says: RegExp]>([
    [
      'truncated',
      whole.subarray(0, whole.length - 20),
      /is broken or not in gzip after row \d+ \(unexpected end of file\)/,
    ],
    ['not compressed', Buffer.from(row()), /is broken or not in gzip after row 0 \(incorrect header check\)/],
    ['empty', Buffer.alloc(0), /is broken or not in gzip after row 0 \(unexpected end of file\)/],
    ['of another form', gzipSync(`${row()}"uploads","a"\n`), /row 2 of data\/a\.csv\.gz: expected 8 cells, got 2/],
    [
      'with a key that is not encoded',
      gzipSync(row() + row() + row({ key: '100%' })),
      /row 3 of data\/a\.csv\.gz: expected Key to be a form-urlencoded key in UTF-8, got .*100%/,
    ],
    [
      'without a key',
      gzipSync(row({ key: '' })),
      /row 1 of data\/a\.csv\.gz: expected Key to be a string that is not empty/,
    ],
    [
      'with another time',
      gzipSync(row({ time: 'soon' })),
      /row 1 of data\/a\.csv\.gz: expected a time in LastModifiedDate, got "soon"/,
    ],
    [
      'with another size',
      gzipSync(row({ size: 'big' })),
      /row 1 of data\/a\.csv\.gz: expected bytes in Size, got "big"/,
    ],
  ])('names file and row of a file that is %s', async (_, file, says) => {
    const client = s3With({ 'manifest.json': JSON.stringify(MANIFEST2), 'data/a.csv.gz': file });
    const reading = Array.fromAsync(readInventory(await readManifest({ client, manifest }), { client, manifest }));
    const error: Error = await reading.then(
      () => new Error('it was read'),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(
      /^the inventory cannot be used: (?:row \d+ of )?data\/a\.csv\.gz.*: take a newer one$/,
    );
    expect(error.message).toMatch(says);
  });

  it('names a file that is not there', async () => {
    const noSuchKey = Object.assign(new Error('The specified key does not exist.'), { name: 'NoSuchKey' });
    const client = { send: () => Promise.reject(noSuchKey) } as never;
    const contents = parseManifest(JSON.stringify(MANIFEST2));
    await expect(Array.fromAsync(readInventory(contents, { client, manifest }))).rejects.toThrow(
      'the inventory cannot be used: data/a.csv.gz does not exist, though the manifest names it: take a newer one',
    );
  });
});
