import type { S3Client } from '@aws-sdk/client-s3';
import type { EventRecord } from '../notification/notification.ts';
import type { KeyTemplate } from '../upload/key-template.ts';
import { uploaderInKey } from '../upload/key-template.ts';
import { type MetadataLookup, type ObjectHead, openMetadataLookup } from '../upload/metadata-lookup.ts';
import type { Invocation } from './invocation.ts';
import type { Telemetry } from './telemetry.ts';

/** Calls at a time: at 20 ms a call, a batch of 100 waits 80 ms. */
const CONCURRENCY = 32;

/** Of an invocation's time, what S3 may take: the rest is for the records. */
const SHARE = 1 / 4;

export interface UploaderLookupOptions {
  readonly client: () => Promise<S3Client>;
  /** Says which keys name their uploader, so that nothing is to be looked up. */
  readonly uploaderKeyTemplate?: KeyTemplate | undefined;
  readonly log: Telemetry['log'];
}

/** Opens the look-up of one invocation; undefined for events of which nothing is looked up. */
export type OpenUploaderLookup = (
  invocation: Pick<Invocation, 'remainingMilliseconds'>,
) => (event: EventRecord) => ReturnType<MetadataLookup> | undefined;

/**
 * Finds uploaders in objects' metadata. The part of the consumer that only stacks with `uploaderMetadata` load.
 *
 * Nothing that goes wrong here fails a record: its uploader is found without.
 */
export function openUploaderLookup({ client, uploaderKeyTemplate, log }: UploaderLookupOptions): OpenUploaderLookup {
  const isNamed = ({ key }: EventRecord) =>
    uploaderKeyTemplate !== undefined && uploaderInKey(uploaderKeyTemplate, key) !== undefined;
  return ({ remainingMilliseconds }) => {
    const lookUp = openMetadataLookup({
      head: async (event, signal) => head(await client(), event, signal),
      concurrency: CONCURRENCY,
      milliseconds: remainingMilliseconds() * SHARE,
      onFailed: (calls, first) => log('warn', 'Metadata not read', { calls, reason: reasonOf(first) }),
    });
    return (event) => (event.eventName.startsWith('ObjectCreated:') && !isNamed(event) ? lookUp(event) : undefined);
  };
}

async function head(client: S3Client, { bucket, key }: EventRecord, abortSignal: AbortSignal): Promise<ObjectHead> {
  try {
    const { HeadObjectCommand } = await import('./s3-client.ts');
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { Metadata, ETag, VersionId } = await client.send(command, { abortSignal });
    const uploader = Metadata?.uploader;
    return {
      ...(uploader !== undefined && { uploader }),
      ...(ETag !== undefined && { eTag: ETag.replaceAll('"', '') }),
      ...(VersionId !== undefined && { versionId: VersionId }),
    };
  } catch (error) {
    // It may be deleted by now.
    if (statusOf(error) === 404) return {};
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3 answers 403 for an object that is gone as well, because the function may not list the bucket. */
function reasonOf(error: unknown): string {
  if (statusOf(error) === 403) return 'S3 answers 403: the function may not read it, or it is gone';
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error).slice(0, 200);
}
