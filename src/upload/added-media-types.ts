/**
 * Media types that the `mime` package lacks or that mean something else in a bucket of uploads: extensions by type.
 *
 * Registered names where there is one (Parquet, Arrow, Zstandard, SQLite), else what the format's own makers use.
 *
 * `.ts` stays MPEG transport stream, which is the registered meaning: HLS segments and recordings reach buckets by the
 * thousand, and counting a stream as source code would bend every number of both groups. `.mts` is a camera's video for
 * the same reason. `.rs` is Rust and not a schema for the IMS emergency services that nobody uploads.
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
