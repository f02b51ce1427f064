import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readInventory, readManifest } from '../../src/ledger/bucket-inventory.ts';
import type { BucketObject } from '../../src/ledger/bucket-object.ts';

const FIELDS = 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag';

const MANIFEST = {
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
    'manifest.json': JSON.stringify({ ...MANIFEST, ...overrides }),
    ...Object.fromEntries(zipped),
  });
  const parts: number[] = [];
  const options = { client, manifest, onFile: (part: number) => parts.push(part) };
  const contents = await readManifest(options);
  const objects: BucketObject[] = [];
  for await (const page of readInventory(contents, options)) objects.push(...page);
  return { objects, parts };
}

describe('an inventory', () => {
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

  it('streams more rows than a page holds', async () => {
    const row = (number: number) => `"uploads","${number}","","true","false","1","2026-11-01T10:00:00.000Z","a"`;
    const text = Array.from({ length: 2500 }, (_, number) => row(number)).join('\n');
    const { objects } = await read({ 'data/a.csv.gz': text, 'data/b.csv.gz': '' });
    expect(objects.map(({ key }) => Number(key))).toEqual(Array.from({ length: 2500 }, (_, number) => number));
  });

  it('says what it lacks', async () => {
    await expect(read({}, { fileSchema: 'Bucket, Key, Size' })).rejects.toThrow(
      'the inventory lacks LastModifiedDate, ETag: add them to its optional fields, and wait for the next one',
    );
    await expect(read({}, { fileFormat: 'ORC' })).rejects.toThrow('expected an inventory in CSV, got ORC');
    await expect(read({}, { sourceBucket: 3 })).rejects.toThrow('expected the manifest.json of an S3 Inventory');
    const noJson = s3With({ 'manifest.json': '<xml/>' });
    await expect(readManifest({ client: noJson, manifest })).rejects.toThrow('something that is not JSON');
  });

  it('does not take a broken file for a short one', async () => {
    const whole = gzipSync('"uploads","a","","true","false","1","2026-11-01T10:00:00.000Z","a"\n'.repeat(5000));
    const broken = whole.subarray(0, whole.length - 20);
    const client = s3With({ 'manifest.json': JSON.stringify(MANIFEST), 'data/a.csv.gz': broken });
    const contents = await readManifest({ client, manifest });
    await expect(Array.fromAsync(readInventory(contents, { client, manifest }))).rejects.toThrow(
      'unexpected end of file',
    );
  });

  it('refuses a row that does not fit', async () => {
    await expect(read({ 'data/a.csv.gz': '"uploads","a"\n', 'data/b.csv.gz': '' })).rejects.toThrow(
      'expected 8 cells in each row of data/a.csv.gz, got 2 in one',
    );
  });
});
