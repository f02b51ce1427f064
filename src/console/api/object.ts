import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { ObjectView, RecordView } from '../api-types.ts';
import { toRecordView } from '../record-view.ts';

/** Records of one object's history that are told. */
export const HISTORY_LIMIT = 500;

/** What is known of one object, newest first. */
export async function objectView(
  reader: Pick<LedgerReader, 'history'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  signal: AbortSignal,
): Promise<ObjectView> {
  const history: RecordView[] = [];
  for await (const record of reader.history(bucket, key, { order: 'newest-first', signal })) {
    if (history.length === HISTORY_LIMIT) return { history, isCut: true };
    history.push(toRecordView(record));
  }
  return { history, isCut: false };
}
