import mime from 'mime';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import { describe, expect, it } from 'vitest';
import { ADDED_MEDIA_TYPES, contentTypeOf } from '../../src/upload/content-type.ts';

const added = new Set(Object.values(ADDED_MEDIA_TYPES).flat());

describe('the media type of a name', () => {
  it.each([
    ['photo.png', 'image/png'],
    ['PHOTO.PNG', 'image/png'],
    ['archive.tar.gz', 'application/gzip'],
    ['a report (final) 100%.pdf', 'application/pdf'],
    ['.hidden.json', 'application/json'],
  ])('follows the last extension: %s', (filename, type) => {
    expect(contentTypeOf(filename)).toBe(type);
  });

  it.each([
    '',
    'png',
    '.png',
    'photo.',
    'photo.unheardof',
    'photo.png ',
    'sound.*wav',
    '..',
    'x.constructor',
    'x.__proto__',
  ])('is unknown where there is no extension or none that says anything: "%s"', (filename) => {
    expect(contentTypeOf(filename)).toBeUndefined();
  });

  it.each([
    ['events.parquet', 'application/vnd.apache.parquet'],
    ['events.jsonl', 'application/jsonl'],
    ['dump.zst', 'application/zstd'],
    ['IMG_0001.CR2', 'image/x-canon-cr2'],
    ['IMG_0001.dng', 'image/x-adobe-dng'],
    ['main.go', 'text/x-go'],
    ['lib.rs', 'text/x-rust'],
    ['App.tsx', 'text/x-typescript'],
  ])('is known for what uploads hold besides: %s', (filename, type) => {
    expect(contentTypeOf(filename)).toBe(type);
  });

  it('takes .ts for a video stream, as its registration does', () => {
    expect(contentTypeOf('segment00042.ts')).toBe('video/mp2t');
    expect(contentTypeOf('00001.mts')).toBe('video/mp2t');
  });

  it('is that of the mime package for every extension that we do not define', () => {
    const extensions = Object.values({ ...standardTypes, ...otherTypes }).flat();
    const others = extensions
      .map((extension) => extension.replace('*', ''))
      .filter((extension) => !added.has(extension));
    expect(others.length).toBeGreaterThan(1000);
    for (const extension of others) expect(contentTypeOf(`x.${extension}`)).toBe(mime.getType(`x.${extension}`));
  });

  it('is defined by us only where the mime package is silent or means something nobody uploads', () => {
    const overridden = [...added].filter((extension) => mime.getType(`x.${extension}`) !== null);
    expect(overridden).toEqual(['rs']);
  });
});
