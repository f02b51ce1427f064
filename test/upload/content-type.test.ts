import fc from 'fast-check';
import mime from 'mime';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import { describe, expect, it } from 'vitest';
import { CATEGORIES, type Category } from '../../src/contract/uploads.ts';
import { ADDED_MEDIA_TYPES, categoryOf, contentTypeOf } from '../../src/upload/content-type.ts';
import { SEED } from '../builders/arbitraries.ts';

const added = new Set(Object.values(ADDED_MEDIA_TYPES).flat());

describe('contentTypeOf', () => {
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
  ])('is undefined without an extension, or for an unknown one: "%s"', (filename) => {
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
  ])('knows what the mime package lacks: %s', (filename, type) => {
    expect(contentTypeOf(filename)).toBe(type);
  });

  it('takes .ts as a video stream, as it is registered', () => {
    expect(contentTypeOf('segment00042.ts')).toBe('video/mp2t');
    expect(contentTypeOf('00001.mts')).toBe('video/mp2t');
  });

  it('agrees with the mime package on every extension that we do not define', () => {
    const extensions = Object.values({ ...standardTypes, ...otherTypes }).flat();
    const others = extensions
      .map((extension) => extension.replace('*', ''))
      .filter((extension) => !added.has(extension));
    expect(others.length).toBeGreaterThan(1000);
    for (const extension of others) expect(contentTypeOf(`x.${extension}`)).toBe(mime.getType(`x.${extension}`));
  });

  it('defines only what the mime package lacks or takes for something that nobody uploads', () => {
    const overridden = [...added].filter((extension) => mime.getType(`x.${extension}`) !== null);
    expect(overridden).toEqual(['rs']);
  });
});

/** Extensions that people would name for each group. */
const EXAMPLES: Readonly<Record<Category, string>> = {
  image: 'jpg jpeg png gif webp avif heic tif svg psd bmp ico jxl cr2 cr3 nef arw dng raf',
  video: 'mp4 mov mkv webm avi mpg wmv 3gp ts mts m4s m3u8 mpd mxf',
  audio: 'mp3 wav flac m4a aac ogg opus mid amr',
  document: 'pdf doc docx xls xlsx ppt pptx odt ods rtf txt md html epub pages numbers key tex eml log srt vtt mobi',
  archive: 'zip gz tgz tar bz2 xz 7z rar zst lz4 br jar apk rpm cab',
  data: 'json jsonl ndjson csv tsv xml yaml yml toml parquet avro orc arrow feather sqlite sql h5 nc geojson kml gpx rdf ttl vcf ics',
  code: 'js mjs cjs jsx tsx css scss less py go rs java c cpp cs rb kt swift scala sh php pl lua ipynb wasm',
  other: 'exe dll bin iso dmg ttf otf woff2 glb stl obj usdz',
};

describe('categoryOf', () => {
  it.each(CATEGORIES)('puts what people upload into %s', (category) => {
    const categories = EXAMPLES[category]
      .split(' ')
      .map((extension) => [extension, categoryOf(contentTypeOf(`x.${extension}`))]);
    expect(categories.filter(([, found]) => found !== category)).toEqual([]);
  });

  it('ignores parameters, the case of letters and white space', () => {
    expect(categoryOf('Text/CSV; charset=UTF-8')).toBe('data');
    expect(categoryOf(' image/PNG ')).toBe('image');
  });

  it.each([undefined, '', ';', ';x/y+json', '/', 'image', 'constructor', '__proto__', 'application/octet-stream'])(
    'returns other for types without a category: %s',
    (type) => {
      expect(categoryOf(type)).toBe('other');
    },
  );

  it('returns one of the categories for any string', () => {
    const types = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom('image', 'text', 'application'), fc.string()).map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(types, (type) => {
        expect(CATEGORIES).toContain(categoryOf(type));
      }),
      { seed: SEED },
    );
  });
});
