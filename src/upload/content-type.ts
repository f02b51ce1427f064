import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import type { Category } from '../contract/uploads.ts';

/**
 * Media types that the `mime` package lacks or that mean something else in a bucket of uploads: extensions by type.
 *
 * Registered names where there is one (Parquet, Arrow, Zstandard, SQLite), else what the format's makers use.
 *
 * `.ts` stays an MPEG transport stream, its registered meaning: HLS segments and recordings reach buckets by the
 * thousand, and would spoil the numbers of the category `code`. `.mts` is a camera's video for the same reason. `.rs`
 * is Rust and not a schema for emergency services that nobody uploads.
 */
export const ADDED_MEDIA_TYPES: Readonly<Record<string, readonly string[]>> = {
  'application/avro': ['avro'],
  'application/gzip': ['tgz'],
  'application/jsonl': ['jsonl'],
  'application/vnd.apache.arrow.file': ['arrow', 'feather'],
  'application/vnd.apache.parquet': ['parquet'],
  'application/vnd.sqlite3': ['sqlite', 'sqlite3'],
  'application/x-brotli': ['br'],
  'application/x-hdf5': ['h5', 'hdf5'],
  'application/x-lz4': ['lz4'],
  'application/x-ndjson': ['ndjson'],
  'application/x-orc': ['orc'],
  'application/zstd': ['zst'],
  'image/x-canon-cr2': ['cr2'],
  'image/x-canon-cr3': ['cr3'],
  'image/x-fuji-raf': ['raf'],
  'image/x-nikon-nef': ['nef'],
  'image/x-olympus-orf': ['orf'],
  'image/x-panasonic-rw2': ['rw2'],
  'image/x-sony-arw': ['arw'],
  'text/x-csharp': ['cs'],
  'text/x-go': ['go'],
  'text/x-kotlin': ['kt'],
  'text/x-python': ['py'],
  'text/x-ruby': ['rb'],
  'text/x-rust': ['rs'],
  'text/x-scala': ['scala'],
  'text/x-swift': ['swift'],
  'text/x-typescript': ['cts', 'tsx'],
};

/**
 * Media type by extension. Only the tables of the `mime` package are used: its class also maps types to extensions,
 * which would take two thirds of the time at every cold start for nothing.
 */
const TYPE_BY_EXTENSION = new Map<string, string>();

/** Extensions by media type; a later table overrides the ones before it. */
const TABLES: readonly Readonly<Record<string, readonly string[]>>[] = [standardTypes, otherTypes, ADDED_MEDIA_TYPES];

for (const table of TABLES) {
  for (const [type, extensions] of Object.entries(table)) {
    for (const extension of extensions) {
      // The package marks with a star an extension that belongs to another type first.
      if (!extension.startsWith('*')) TYPE_BY_EXTENSION.set(extension, type);
    }
  }
}

/**
 * Media type by the name's extension, in any case of letters: `image/png` for `Photo.PNG`. Undefined for a name without
 * an extension (`data`, `.profile`) or with one that says nothing.
 *
 * A guess from the name alone: nobody has looked at the content. One of a fixed set of values, whatever the name.
 */
export function contentTypeOf(filename: string): string | undefined {
  const dot = filename.lastIndexOf('.');
  return dot > 0 ? TYPE_BY_EXTENSION.get(filename.slice(dot + 1).toLowerCase()) : undefined;
}

/** Categories that follow from the start of the type. The first match wins; exceptions are in {@link BY_TYPE}. */
const BY_START: readonly (readonly [start: string, category: Category])[] = [
  ['image/', 'image'],
  ['video/', 'video'],
  ['audio/', 'audio'],
  ['model/', 'other'],
  ['text/x-', 'code'],
  ['text/', 'document'],
  ['application/vnd.ms-', 'document'],
  ['application/vnd.oasis.opendocument.', 'document'],
  ['application/vnd.openxmlformats-officedocument.', 'document'],
];

const BY_END: readonly (readonly [end: string, category: Category])[] = [
  ['+json', 'data'],
  ['+xml', 'data'],
  ['+yaml', 'data'],
  ['+zip', 'archive'],
];

const TYPES_BY_CATEGORY = {
  video: `
    application/dash+xml application/mp4 application/mxf application/vnd.apple.mpegurl application/x-mpegurl
  `,
  audio: `
    application/ogg
  `,
  document: `
    application/epub+zip application/msword application/pdf application/postscript application/rtf
    application/vnd.amazon.ebook application/vnd.apple.keynote application/vnd.apple.numbers
    application/vnd.apple.pages application/x-latex application/x-mobipocket-ebook application/x-subrip
    application/x-tex application/xhtml+xml message/rfc822 text/x-markdown text/x-opml text/x-org
  `,
  archive: `
    application/gzip application/java-archive application/vnd.android.package-archive
    application/vnd.ms-cab-compressed application/vnd.rar application/x-7z-compressed
    application/x-ace-compressed application/x-brotli application/x-bzip application/x-bzip2 application/x-cpio
    application/x-gtar application/x-gzip application/x-iso9660-image application/x-lz4
    application/x-lzh-compressed application/x-rar-compressed application/x-redhat-package-manager
    application/x-stuffit application/x-tar application/x-xz application/x-zip-compressed application/zip
    application/zstd
  `,
  data: `
    application/avro application/hjson application/json application/json5 application/jsonl application/n-quads
    application/n-triples application/sql application/toml application/vnd.apache.arrow.file
    application/vnd.apache.parquet application/vnd.sqlite3 application/x-hdf application/x-hdf5
    application/x-ndjson application/x-netcdf application/x-orc application/x-sql application/xml
    application/yaml text/calendar text/csv text/n3 text/tab-separated-values text/turtle text/vcard
    text/x-vcalendar text/x-vcard text/xml text/yaml
  `,
  code: `
    application/ecmascript application/javascript application/node application/wasm application/x-csh
    application/x-httpd-php application/x-ipynb+json application/x-perl application/x-sh application/x-tcl
    text/coffeescript text/css text/javascript text/jsx text/less text/mdx text/stylus text/wgsl
  `,
} satisfies Partial<Record<Category, string>>;

const BY_TYPE: ReadonlyMap<string, Category> = new Map(
  (Object.keys(TYPES_BY_CATEGORY) as (keyof typeof TYPES_BY_CATEGORY)[]).flatMap((category) =>
    TYPES_BY_CATEGORY[category]
      .trim()
      .split(/\s+/)
      .map((type) => [type, category] as const),
  ),
);

/**
 * The category of a media type; `other` for types that belong to none, and for no type at all.
 *
 * Categories become metric dimensions, so any string gives one of the eight. Parameters (`; charset=utf-8`) and the
 * case of letters make no difference.
 */
export function categoryOf(contentType: string | undefined): Category {
  if (contentType === undefined) return 'other';
  const semicolon = contentType.indexOf(';');
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  return (
    BY_TYPE.get(type) ??
    BY_START.find(([start]) => type.startsWith(start))?.[1] ??
    BY_END.find(([end]) => type.endsWith(end))?.[1] ??
    'other'
  );
}
