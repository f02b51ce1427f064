import type { BatchSummary } from './batch-summary.ts';

/** One digest as the team configured it. Travels in the tick message, so that there can be any number. */
export interface DigestSettings {
  /** Unique among the stack's digests: names the watermark. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone: string;
  /** Below this many uploads the digest waits for the next tick. Default 1. */
  readonly minimumUploads: number;
}

/** What one digest email says. */
export interface Digest {
  readonly name: string;
  readonly timeZone: string;
  /** Start of the window, ISO 8601 UTC, exclusive. */
  readonly since: string;
  /** End of the window, ISO 8601 UTC, inclusive. */
  readonly until: string;
  readonly summary: BatchSummary;
  /** Batches folded. */
  readonly batches: number;
}
