import type { BatchSummary } from './batch-summary.ts';
import { readSummaryPages, type SummarySource } from './read-summaries.ts';
import { SummaryFold } from './summary-fold.ts';
import type { Window } from './summary-item.ts';

/** A window's summaries as one, and what reading them took. */
export interface FoldedWindow {
  readonly summary: BatchSummary;
  /** Summaries read: one a batch, whatever the number of uploads. */
  readonly batches: number;
  readonly queries: number;
}

/**
 * Reads and merges the summaries of the window.
 *
 * @param beforePage Called once a page; what it throws ends the reading. Default: nothing.
 * @throws {UnreadableSummaryError}, and whatever a query failed with.
 */
export async function foldWindow(
  source: SummarySource,
  window: Window,
  beforePage: () => void = () => undefined,
): Promise<FoldedWindow> {
  const fold = new SummaryFold();
  let batches = 0;
  let queries = 0;
  for await (const summaries of readSummaryPages(source, window)) {
    beforePage();
    queries += 1;
    batches += summaries.length;
    for (const summary of summaries) fold.add(summary);
  }
  return { summary: fold.toSummary(), batches, queries };
}
