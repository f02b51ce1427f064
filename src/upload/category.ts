import type { Category } from '../contract/uploads.ts';

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

const BY_TYPE = new Map<string, Category>();

let category: keyof typeof TYPES_BY_CATEGORY;
for (category in TYPES_BY_CATEGORY) {
  for (const type of TYPES_BY_CATEGORY[category].trim().split(/\s+/)) BY_TYPE.set(type, category);
}

/**
 * The category of a media type; `other` for types that belong to none, and for no type at all.
 *
 * Categories become metric dimensions, so any string gives one of the eight. Parameters (`; charset=utf-8`) and the case
 * of letters make no difference.
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
