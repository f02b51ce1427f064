/**
 * Both indexes are sharded, so that a burst of one day or one uploader does not heat one partition: a partition of
 * DynamoDB takes 1,000 writes a second. The shard is a hash of the object's key; readers ask every shard and merge.
 */

/** FNV-1a, 32 bits (the constants are its authors'). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The shard of `key` among `shards`, as the indexes have it: `05`.
 *
 * Part of the table's format: with another hash, or with fewer shards than its records were written with, readers would
 * search for a record where it is not. More shards are safe.
 */
export function shardOf(key: string, shards: number): string {
  let hash = FNV_OFFSET;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME);
  }
  // FNV mixes upwards: the low bits, which the remainder takes, need the high ones folded in.
  const folded = (hash ^ (hash >>> 16)) >>> 0;
  return shardName(folded % shards);
}

/** All shards, for readers: `00` to `07` for 8. */
export function shardNames(shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, index) => shardName(index));
}

/** Partition key of the index by day: `2026-11-22#05`. Takes a day or any ISO time of it, in UTC. */
export function dayShard(day: string, shard: string): string {
  return `${day.slice(0, 10)}#${shard}`;
}

/**
 * Partition key of the index by uploader: `alice#05`. What follows the last `#` is the shard, whatever the uploader's
 * name holds.
 */
export function uploaderShard(uploader: string, shard: string): string {
  return `${uploader}#${shard}`;
}

/** Two digits, or three from the hundredth on, whatever the number of shards: that can be raised later. */
function shardName(shard: number): string {
  return String(shard).padStart(2, '0');
}
