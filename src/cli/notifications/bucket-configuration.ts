import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Clock } from '../../shared/clock.ts';
import { visibleText } from '../../shared/text.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { UsageError } from '../errors.ts';
import { allEntries, canonical, withoutEntry } from './entries.ts';

/** Everything that a configuration can hold, as far as this version and its SDK know. */
const ELEMENTS = new Set(
  (
    'NotificationConfiguration TopicConfiguration QueueConfiguration CloudFunctionConfiguration ' +
    'EventBridgeConfiguration Id Topic Queue CloudFunction Event Filter S3Key FilterRule Name Value'
  ).split(' '),
);

/**
 * A bucket's notification configuration.
 *
 * @throws UsageError when it holds what this version does not know: a put, which replaces everything, would drop it.
 */
export async function readConfiguration(
  Bucket: string,
  client: S3Client,
  abortSignal: AbortSignal,
): Promise<NotificationConfiguration> {
  const command = new GetBucketNotificationConfigurationCommand({ Bucket });
  let unknown: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: Readable };
      const xml = await text(response.body);
      response.body = Readable.from([Buffer.from(xml)]);
      if (response.statusCode < 300) unknown = unknownElement(xml);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'watchUnknownElements' },
  );
  const { $metadata: _, ...configuration } = await client.send(command, { abortSignal });
  if (unknown === undefined) return configuration;
  throw new UsageError(
    `the notification configuration of bucket ${Bucket} has a "${visibleText(unknown)}", which this version does not know and would lose: nothing was changed; use a newer version`,
  );
}

function unknownElement(xml: string): string | undefined {
  return [...xml.matchAll(/<([A-Za-z][\w:.-]*)/g)].map(([, name = '']) => name).find((name) => !ELEMENTS.has(name));
}

/** How often the configuration is read again: S3 may show the one before for a while. */
const READS = 15;

interface Replacement {
  readonly bucket: string;
  /** As it was read. */
  readonly before: NotificationConfiguration;
  readonly after: NotificationConfiguration;
  /** Of the ledger's own entry, which alone may differ. */
  readonly id: string;
  /** Whether S3 is told not to look whether the destinations are there. */
  readonly skipValidation: boolean;
}

/**
 * Writes a bucket's configuration, reads it back, and checks that nothing but the ledger's own entry has changed.
 *
 * S3 has no condition on this write. What somebody else writes between the last look and the write is lost, unseen;
 * that is the time of one request.
 *
 * @throws UsageError when somebody else has changed the configuration meanwhile, or S3 refuses the new one.
 */
export async function replaceConfiguration(
  { bucket, before, after, id, skipValidation }: Replacement,
  { client, clock, signal }: { readonly client: S3Client; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  if (canonical(await readConfiguration(bucket, client, signal)) !== canonical(before)) {
    throw new UsageError(
      `somebody else has just changed the notifications of bucket ${bucket}: nothing was written; run it again`,
    );
  }
  await writeConfiguration(bucket, after, skipValidation, client);
  const others = (configuration: NotificationConfiguration) => canonical(withoutEntry(configuration, id));
  for (let read = 1; ; read += 1) {
    const found = await readConfiguration(bucket, client, signal);
    if (canonical(found) === canonical(after)) return;
    if (others(found) !== others(before)) throw changedMeanwhile(bucket, before, found, id);
    if (read === READS) {
      throw new UsageError(
        `S3 does not show what was written to bucket ${bucket}: somebody else has written back what was there before; run it again`,
      );
    }
    await clock.sleep(SECOND_MS, signal);
  }
}

/** Not stopped by Ctrl-C: whether the write has happened would not be known. */
async function writeConfiguration(
  Bucket: string,
  NotificationConfiguration: NotificationConfiguration,
  skipValidation: boolean,
  client: S3Client,
): Promise<void> {
  const skip = skipValidation && { SkipDestinationValidation: true };
  try {
    await client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...skip }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'InvalidArgument') throw error;
    throw new UsageError(
      `S3 refuses the configuration, and nothing was changed: ${visibleText(error.message)}${refusedDestination(error)}`,
    );
  }
}

/** S3 names the destination: one that is gone, or does not let S3 send, refuses every put with it in it. */
function refusedDestination(error: Error): string {
  const [name, value] = ['ArgumentName1', 'ArgumentValue1'].map((field) => Reflect.get(error, field));
  if (typeof name !== 'string') return '';
  const why = typeof value === 'string' ? ` (${value})` : '';
  return `: ${visibleText(name.replace(/, null$/, '') + why)}; remove its entry, or use --skip-validation`;
}

function changedMeanwhile(
  bucket: string,
  before: NotificationConfiguration,
  found: NotificationConfiguration,
  id: string,
): UsageError {
  const ids = (configuration: NotificationConfiguration) =>
    allEntries(withoutEntry(configuration, id)).map(({ Id = '' }) => Id);
  const list = (some: readonly string[]) => some.map(visibleText).join(', ');
  const gone = ids(before).filter((one) => !ids(found).includes(one));
  const added = ids(found).filter((one) => !ids(before).includes(one));
  const parts = [
    ...(gone.length > 0 ? [`gone: ${list(gone)}`] : []),
    ...(added.length > 0 ? [`new: ${list(added)}`] : []),
  ];
  const what = parts.length > 0 ? ` (${parts.join('; ')})` : '';
  return new UsageError(
    `somebody else has changed the notifications of bucket ${bucket} at the same time${what}: look at them, and run it again`,
  );
}
