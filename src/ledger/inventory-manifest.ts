import { UploadLedgerError } from '../shared/errors.ts';

/** What an inventory's `manifest.json` says, as far as it is needed. */
export interface InventoryManifest {
  /** The bucket that the inventory is of. */
  readonly sourceBucket: string;
  /** The bucket where its files stand. */
  readonly bucket: string;
  /** Names of the columns, in order. */
  readonly fields: readonly string[];
  /** Size in bytes, compressed. */
  readonly files: readonly { readonly key: string; readonly size: number }[];
}

const REQUIRED = ['Bucket', 'Key', 'LastModifiedDate', 'Size', 'ETag'];

/** An inventory that cannot be used. */
export class InventoryError extends UploadLedgerError {
  override readonly name = 'InventoryError';

  constructor(message: string, options?: ErrorOptions) {
    super('inventory-unusable', message, options);
  }
}

/**
 * Reads `manifest.json` of an S3 Inventory in CSV. Source: Amazon S3 User Guide, "Locating your inventory list".
 *
 * @throws {InventoryError} that says what is missing.
 */
export function parseManifest(text: string): InventoryManifest {
  const { sourceBucket, destinationBucket, fileFormat, fileSchema, files } = fieldsOf(text);
  if (typeof sourceBucket !== 'string' || typeof destinationBucket !== 'string' || !Array.isArray(files)) {
    throw new InventoryError('expected the manifest.json of an S3 Inventory, got something else');
  }
  if (fileFormat !== 'CSV') {
    throw new InventoryError(
      `expected an inventory in CSV, got ${String(fileFormat).slice(0, 20)}: configure one in CSV`,
    );
  }
  const fields = String(fileSchema).split(/,\s*/);
  const missing = REQUIRED.filter((name) => !fields.includes(name));
  if (missing.length > 0) {
    throw new InventoryError(
      `the inventory lacks ${missing.join(', ')}: add them to its optional fields, and wait for the next one`,
    );
  }
  return {
    sourceBucket,
    bucket: destinationBucket.replace(/^arn:[^:]+:s3:::/, ''),
    fields,
    files: files.map((file) => ({ key: String(file?.key), size: Number(file?.size) || 0 })),
  };
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch (cause) {
    throw new InventoryError('expected the manifest.json of an S3 Inventory, got something that is not JSON', {
      cause,
    });
  }
}
