import type { NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import { DEFAULTS } from '../../contract/defaults.ts';
import { encodedFilterValue } from '../../contract/s3-notifications.ts';
import type { RecordedScope } from '../../ledger/reconcile/recorded-scope.ts';

/** The entry that tells a ledger's queue of what it records. */
export function ledgerEntry(
  queueArn: string,
  { prefix, suffix, events = DEFAULTS.events }: RecordedScope = {},
): QueueConfiguration {
  const FilterRules = Object.entries({ prefix, suffix }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ Name: name as 'prefix' | 'suffix', Value: encodedFilterValue(value) }],
  );
  return {
    QueueArn: queueArn,
    Events: events.map((event) => `s3:${event}` as NonNullable<QueueConfiguration['Events']>[number]),
    ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
  };
}

/** What a key must begin and end with, encoded. S3 answers `Prefix` to who put `prefix`. */
function filterOf({ Filter }: QueueConfiguration): { readonly prefix: string; readonly suffix: string } {
  const value = (wanted: string) =>
    Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === wanted)?.Value ?? '';
  return { prefix: value('prefix'), suffix: value('suffix') };
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
