import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATEGORIES, type Category } from '../../src/contract/uploads.ts';
import { categoryOf } from '../../src/upload/category.ts';
import { contentTypeOf } from '../../src/upload/content-type.ts';
import { SEED } from '../builders/arbitraries.ts';

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

describe('the category of a content type', () => {
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
    'is other for what belongs nowhere: %s',
    (type) => {
      expect(categoryOf(type)).toBe('other');
    },
  );

  it('is one of the categories for any string', () => {
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
