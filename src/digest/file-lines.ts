import type { TimeFormat } from '../shared/format.ts';
import { formatBytes } from '../shared/format.ts';
import type { Mention } from './batch-summary.ts';
import type { FileLine } from './email-content.ts';
import { shownKey, shownName, shownUploader } from './shown.ts';

export interface FileLineOptions {
  readonly format: TimeFormat;
  /** Whether the uploads went to several buckets, so that each line has to say which. */
  readonly withBucket: boolean;
}

/**
 * One line for each upload: `2.1 GB, 22 Nov 2026, 11:15:30 CET, by alice`. The uploader comes last: text that runs
 * from right to left reorders what follows it.
 */
export function mentionLines(mentions: readonly Mention[], { format, withBucket }: FileLineOptions): FileLine[] {
  return mentions.map(({ key, filesize, timestamp, bucket, uploader }) => {
    const inBucket = withBucket ? [`in ${shownName(bucket)}`] : [];
    const details = [formatBytes(filesize), format(timestamp), ...inBucket, `by ${shownUploader(uploader)}`];
    return { key: shownKey(key), details: details.join(', ') };
  });
}
