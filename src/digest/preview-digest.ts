import type { Digest, DigestSettings } from './digest.ts';
import { firstWindowStart, windowStart } from './digest-window.ts';
import { foldWindow } from './fold-window.ts';
import type { SummarySource } from './read-summaries.ts';
import { readWatermark } from './watermark.ts';

/**
 * What the digest would say if it were sent now, whether or not there is enough to say. Changes nothing.
 *
 * @param now Epoch milliseconds. Batches that are being stored at this moment may be missing.
 * @throws {UnreadableSummaryError}, and whatever DynamoDB failed with.
 */
export async function previewDigest(
  source: SummarySource,
  { name, timeZone }: Pick<DigestSettings, 'name' | 'timeZone'>,
  now: number,
): Promise<Digest> {
  const until = new Date(now).toISOString();
  const coveredUntil = (await readWatermark(source, name)) ?? firstWindowStart(until);
  const since = windowStart(coveredUntil, until);
  const { summary, batches } = await foldWindow(source, { since, until });
  return { name, timeZone, since, until, summary, batches };
}
