import type {
  LambdaFunctionConfiguration,
  NotificationConfiguration,
  QueueConfiguration,
  TopicConfiguration,
} from '@aws-sdk/client-s3';
import { DEFAULTS } from '../../contract/defaults.ts';
import { formUrlEncode } from '../../contract/s3-notifications.ts';
import type { RecordedScope } from '../../ledger/reconcile/recorded-scope.ts';

/** One entry of a bucket's notification configuration, wherever it sends to. */
export type Entry = QueueConfiguration | TopicConfiguration | LambdaFunctionConfiguration;

/** Stack name of the local stack's ledger, in the ids of its entries. */
const LOCAL = 'local';

/**
 * The id by which a ledger knows its entry in a bucket that is not its own. It names the stack and not the queue, so
 * that the stack's next queue takes the entry over.
 */
export function entryId(stackName: string = LOCAL): string {
  return `upload-ledger-${stackName}`;
}

/** The entry that tells a ledger's queue of what it records. One entry, so that it is there as a whole or not at all. */
export function ledgerEntry(
  queueArn: string,
  { prefix, suffix, events = DEFAULTS.events }: RecordedScope = {},
  stackName?: string,
): QueueConfiguration {
  const FilterRules = Object.entries({ prefix, suffix }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ Name: name as 'prefix' | 'suffix', Value: formUrlEncode(value) }],
  );
  return {
    Id: entryId(stackName),
    QueueArn: queueArn,
    Events: events.map((event) => `s3:${event}` as NonNullable<QueueConfiguration['Events']>[number]),
    ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
  };
}

/** All entries, whatever they send to. EventBridge has none: it is on or off. */
export function allEntries(configuration: NotificationConfiguration): readonly Entry[] {
  const { QueueConfigurations = [], TopicConfigurations = [], LambdaFunctionConfigurations = [] } = configuration;
  return [...QueueConfigurations, ...TopicConfigurations, ...LambdaFunctionConfigurations];
}

export function destinationOf(entry: Entry): string {
  if ('QueueArn' in entry) return entry.QueueArn ?? '';
  if ('TopicArn' in entry) return entry.TopicArn ?? '';
  return 'LambdaFunctionArn' in entry ? (entry.LambdaFunctionArn ?? '') : '';
}

/** The configuration without the entries of this id, all else as it is. */
export function withoutEntry(configuration: NotificationConfiguration, id: string): NotificationConfiguration {
  const { QueueConfigurations, TopicConfigurations, LambdaFunctionConfigurations, EventBridgeConfiguration } =
    configuration;
  const without = <E extends Entry>(entries: readonly E[] = []) => entries.filter(({ Id }) => Id !== id);
  return {
    QueueConfigurations: without(QueueConfigurations),
    TopicConfigurations: without(TopicConfigurations),
    LambdaFunctionConfigurations: without(LambdaFunctionConfigurations),
    ...(EventBridgeConfiguration !== undefined && { EventBridgeConfiguration }),
  };
}

/** The configuration with this entry in the place of those of its id, all else as it is. */
export function withEntry(
  configuration: NotificationConfiguration,
  entry: QueueConfiguration,
): NotificationConfiguration {
  const others = withoutEntry(configuration, entry.Id ?? '');
  return { ...others, QueueConfigurations: [...(others.QueueConfigurations ?? []), entry] };
}

/** A text that two configurations share exactly when S3 treats them alike: in any order, however filters are spelled. */
export function canonical(configuration: NotificationConfiguration): string {
  const entries = allEntries(configuration).map(canonicalEntry).sort();
  return JSON.stringify([...entries, ...(configuration.EventBridgeConfiguration === undefined ? [] : ['EventBridge'])]);
}

export function canonicalEntry(entry: Entry): string {
  const { Id = '', Events = [] } = entry;
  return JSON.stringify([Id, destinationOf(entry), [...Events].sort(), filterOf(entry)]);
}

/** What a key must begin and end with, encoded. S3 answers `Prefix` to who put `prefix`. */
export function filterOf({ Filter }: Entry): { readonly prefix: string; readonly suffix: string } {
  const value = (wanted: string) =>
    Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === wanted)?.Value ?? '';
  return { prefix: value('prefix'), suffix: value('suffix') };
}

/**
 * Whether S3 refuses a configuration that holds both: an event type in common, and keys that both filters take.
 *
 * Source: Amazon S3 User Guide, "Examples of notification configurations with object key name filtering".
 */
export function overlap(one: Entry, other: Entry): boolean {
  const [{ prefix, suffix }, filter] = [filterOf(one), filterOf(other)];
  const sharesEvent = (one.Events ?? []).some((a) => (other.Events ?? []).some((b) => sharesType(a, b)));
  const sharesPrefix = prefix.startsWith(filter.prefix) || filter.prefix.startsWith(prefix);
  return sharesEvent && sharesPrefix && (suffix.endsWith(filter.suffix) || filter.suffix.endsWith(suffix));
}

/** Whether an event can be of both types: `s3:ObjectCreated:*` is all that begin so. */
function sharesType(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

function covers(wide: string, narrow: string): boolean {
  return wide === narrow || (wide.endsWith(':*') && narrow.startsWith(wide.slice(0, -1)));
}

/** The event types of `wanted` that no entry with its filter and destination sends. */
export function missingEvents(configuration: NotificationConfiguration, wanted: QueueConfiguration): readonly string[] {
  const filter = JSON.stringify(filterOf(wanted));
  const sending = (configuration.QueueConfigurations ?? []).filter(
    (entry) => entry.QueueArn === wanted.QueueArn && JSON.stringify(filterOf(entry)) === filter,
  );
  const sent = sending.flatMap(({ Events = [] }) => Events);
  return (wanted.Events ?? []).filter((event) => !sent.some((type) => covers(type, event)));
}
