import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/ledger/inventory-manifest.ts';

const MANIFEST = {
  sourceBucket: 'uploads',
  destinationBucket: 'arn:aws:s3:::lists',
  fileFormat: 'CSV',
  fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag',
  files: [{ key: 'data/a.csv.gz', size: 100, MD5checksum: 'x' }],
};

const parse = (changes: object = {}) => parseManifest(JSON.stringify({ ...MANIFEST, ...changes }));
const NO_MANIFEST = 'expected the manifest.json of an S3 Inventory, got something else';

describe('the manifest of an inventory', () => {
  it('says whose objects are listed, where, and in which columns', () => {
    expect(parse()).toEqual({
      sourceBucket: 'uploads',
      bucket: 'lists',
      fields: ['Bucket', 'Key', 'Size', 'LastModifiedDate', 'ETag'],
      files: [{ key: 'data/a.csv.gz', size: 100 }],
    });
  });

  it('names its bucket by an ARN of any partition, or plainly', () => {
    expect(parse({ destinationBucket: 'arn:aws-us-gov:s3:::lists' }).bucket).toBe('lists');
    expect(parse({ destinationBucket: 'lists' }).bucket).toBe('lists');
    expect(parse({ destinationBucket: 'my-arn:aws:s3:::lists' }).bucket).toBe('my-arn:aws:s3:::lists');
  });

  it('may separate its columns by any white space, or none', () => {
    expect(parse({ fileSchema: 'Bucket,Key,  Size,LastModifiedDate, ETag' }).fields).toEqual(parse().fields);
  });

  it('counts a file of no size as nothing, whatever stands there', () => {
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

  it.each(['null', '7', '[]', '"x"'])('is refused for JSON of another kind: %s', (text) => {
    expect(() => parseManifest(text)).toThrow(NO_MANIFEST);
  });

  it('is refused where it is not JSON, with the cause', () => {
    expect(() => parseManifest('<xml/>')).toThrow(
      expect.objectContaining({
        message: 'expected the manifest.json of an S3 Inventory, got something that is not JSON',
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('is refused in another format, of which no more than 20 characters are repeated', () => {
    expect(() => parse({ fileFormat: 'x'.repeat(21) })).toThrow(
      `expected an inventory in CSV, got ${'x'.repeat(20)}: configure one in CSV`,
    );
  });

  it.each(['Bucket', 'Key', 'Size', 'LastModifiedDate', 'ETag'])('is refused without the column %s', (name) => {
    const fileSchema = MANIFEST.fileSchema.split(', ').filter((field) => field !== name);
    expect(() => parse({ fileSchema: fileSchema.join(', ') })).toThrow(
      `the inventory lacks ${name}: add them to its optional fields, and wait for the next one`,
    );
    expect(() => parse({ fileSchema: 'Bucket' })).toThrow('lacks Key, LastModifiedDate, Size, ETag:');
  });
});
