import type { Category } from '../upload/category.ts';
import type { BatchSummary, Mention, Totals } from './batch-summary.ts';
import { largestFirst, latestFirst, topMentions } from './mention-order.ts';
import { addToGroup, addTotals, NOTHING } from './totals.ts';

/** Adds summaries up in place: thousands of them make one digest. */
export class SummaryFold {
  #uploads = NOTHING;
  #deletes = 0;
  #restores = 0;
  readonly #byCategory = new Map<Category, Totals>();
  readonly #byBucket = new Map<string, Totals>();
  readonly #byUploader = new Map<string, Totals>();
  #largest: readonly Mention[] = [];
  #latest: readonly Mention[] = [];
  #failed = 0;
  #quarantined = 0;
  #greatestDelay = 0;
  #alertsHeldBack = 0;

  add(summary: BatchSummary): void {
    this.#uploads = addTotals(this.#uploads, summary.uploads);
    this.#deletes += summary.deletes;
    this.#restores += summary.restores;
    for (const [category, totals] of Object.entries(summary.byCategory)) {
      addToGroup(this.#byCategory, category as Category, totals);
    }
    for (const [bucket, totals] of summary.byBucket) addToGroup(this.#byBucket, bucket, totals);
    for (const [uploader, totals] of summary.byUploader) addToGroup(this.#byUploader, uploader, totals);
    this.#largest = topMentions(this.#largest, summary.largest, largestFirst);
    this.#latest = topMentions(this.#latest, summary.latest, latestFirst);
    this.#failed += summary.failed;
    this.#quarantined += summary.quarantined;
    this.#greatestDelay = Math.max(this.#greatestDelay, summary.greatestDelay);
    this.#alertsHeldBack += summary.alertsHeldBack;
  }

  toSummary(): BatchSummary {
    return {
      uploads: this.#uploads,
      deletes: this.#deletes,
      restores: this.#restores,
      byCategory: Object.fromEntries(this.#byCategory),
      byBucket: new Map(this.#byBucket),
      byUploader: new Map(this.#byUploader),
      largest: this.#largest,
      latest: this.#latest,
      failed: this.#failed,
      quarantined: this.#quarantined,
      greatestDelay: this.#greatestDelay,
      alertsHeldBack: this.#alertsHeldBack,
    };
  }
}

/** Both summaries as one. Associative and commutative; {@link EMPTY_SUMMARY} changes nothing. Adds, never cuts. */
export function merge(a: BatchSummary, b: BatchSummary): BatchSummary {
  const fold = new SummaryFold();
  fold.add(a);
  fold.add(b);
  return fold.toSummary();
}

/** What a batch did that did nothing. */
export const EMPTY_SUMMARY: BatchSummary = new SummaryFold().toSummary();

/** Whether there is nothing in it that anyone could be told. */
export function isEmptySummary(summary: BatchSummary): boolean {
  const { uploads, deletes, restores, failed, quarantined, alertsHeldBack } = summary;
  return uploads.count + deletes + restores + failed + quarantined + alertsHeldBack === 0;
}
