import { type Command, Option } from 'commander';
import type { RecordFilters } from '../../ledger/read/query.ts';
import { CATEGORIES, type Category } from '../../upload/category.ts';
import { UPLOAD_STATUSES, type UploadStatus } from '../../upload/upload.ts';
import { asArgument } from './as-argument.ts';
import { parseSize } from './size.ts';

/** The filter options of a command, as commander gives them. */
export interface FilterOptions {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly uploader?: string;
  readonly category?: Category;
  readonly status?: UploadStatus;
  /** Bytes. */
  readonly minSize?: number;
}

/** Adds the options that choose records: those are meant that meet all of them. */
export function addFilterOptions(command: Command): Command {
  return command
    .optionsGroup('Which records:')
    .option('--prefix <text>', 'keys that begin with this')
    .option('--uploader <name>', 'by this uploader')
    .option('--bucket <name>', 'in this bucket')
    .addOption(new Option('--category <category>', 'kind of content').choices(CATEGORIES))
    .addOption(new Option('--status <status>', 'what happened').choices(UPLOAD_STATUSES))
    .option('--min-size <size>', 'at least this big ("10MB", "1GiB")', asArgument(parseSize));
}

/** The filters that `options` ask for. */
export function toFilters({ bucket, prefix, uploader, category, status, minSize }: FilterOptions): RecordFilters {
  return {
    ...(bucket !== undefined && { bucket }),
    ...(prefix !== undefined && { prefix }),
    ...(uploader !== undefined && { uploader }),
    ...(category !== undefined && { category }),
    ...(status !== undefined && { status }),
    ...(minSize !== undefined && { leastBytes: minSize }),
  };
}
