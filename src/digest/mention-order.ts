import { MENTIONS, type Mention } from './batch-summary.ts';

/** Negative when `a` comes first, positive when `b` does, 0 only when they are equal in every field. */
export type MentionOrder = (a: Mention, b: Mention) => number;

export const largestFirst: MentionOrder = (a, b) =>
  b.filesize - a.filesize || descending(a.timestamp, b.timestamp) || byName(a, b);

export const latestFirst: MentionOrder = (a, b) =>
  descending(a.timestamp, b.timestamp) || b.filesize - a.filesize || byName(a, b);

/**
 * The first {@link MENTIONS} of both lists, each mention once.
 *
 * The order is total, so the choice depends on neither the order nor the grouping in which lists come together. Equal
 * mentions are one event that two batches have recorded.
 */
export function topMentions(a: readonly Mention[], b: readonly Mention[], order: MentionOrder): readonly Mention[] {
  const sorted = [...a, ...b].sort(order);
  return sorted.filter((mention, at) => at === 0 || order(sorted[at - 1] as Mention, mention) !== 0).slice(0, MENTIONS);
}

function byName(a: Mention, b: Mention): number {
  return (
    ascending(a.bucket, b.bucket) ||
    ascending(a.key, b.key) ||
    ascending(a.uploadId, b.uploadId) ||
    ascending(a.uploader ?? '', b.uploader ?? '')
  );
}

/** By UTF-16 units: the same everywhere, whatever the locale. */
function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function descending(a: string, b: string): number {
  return ascending(b, a);
}
