import { describe, expect, it } from 'vitest';
import { parseS3Object } from '../../../src/cli/arguments/s3-uri.ts';

describe('parseS3Object', () => {
  it.each([
    ['s3://bucket/key', 'key'],
    ['s3://bucket/a/b//c', 'a/b//c'],
    ['s3://bucket//leading', '/leading'],
    ['s3://bucket/folder/', 'folder/'],
    ['s3://bucket/100%20+?#', '100%20+?#'],
    ['s3://bucket/two\nlines', 'two\nlines'],
  ])('takes the key of %j as it is written', (text, key) => {
    expect(parseS3Object(text)).toEqual({ bucket: 'bucket', key });
  });

  it.each(['', 'bucket/key', 's3://', 's3://bucket', 's3://bucket/', 's3:///key', 'S3://bucket/key'])(
    'rejects %j',
    (text) => {
      expect(() => parseS3Object(text)).toThrow('expected an object');
    },
  );
});
