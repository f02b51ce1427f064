import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';

/**
 * Media types that the `mime` package lacks or that mean something else in a bucket of uploads: extensions by type.
 *
 * Registered names where there is one (Parquet, Arrow, Zstandard, SQLite), else what the format's makers use.
 *
 * `.ts` stays an MPEG transport stream, its registered meaning: HLS segments and recordings reach buckets by the
 * thousand, and would spoil the numbers of the category `code`. `.mts` is a camera's video for the same reason. `.rs` is
 * Rust and not a schema for emergency services that nobody uploads.
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
