import type { LedgerRecord } from '../ledger/record.ts';
import { formatBytes, formatNumberOf } from '../shared/format.ts';
import { plainWords } from './plain-words.ts';

/** UTF-16 units of the untrusted parts of a sentence. */
const MAX_NAME = 80;
const MAX_UPLOADER = 60;
const MAX_BUCKET = 63;

/** What happened, in one sentence that can be inserted anywhere. */
export function recordSentence(record: LedgerRecord): string {
  const { status, filename, filesize, s3_bucket, uploader, event_name } = record;
  const name = plainWords(filename, MAX_NAME);
  const bucket = plainWords(s3_bucket, MAX_BUCKET);
  const by = uploader === undefined ? '' : ` by ${plainWords(uploader, MAX_UPLOADER)}`;
  if (status === 'restored') return `Restored ${name} in the bucket ${bucket}.`;
  if (status === 'deleted') {
    const isExpired = event_name.startsWith('LifecycleExpiration:');
    return `${isExpired ? 'Expired' : 'Deleted'} ${name} in the bucket ${bucket}${isExpired ? '' : by}.`;
  }
  const size = filesize === undefined ? '' : ` (${formatBytes(filesize)})`;
  return `Uploaded ${name}${size} to the bucket ${bucket}${by}.`;
}

interface AlertFacts {
  readonly rule: string;
  readonly count: number;
  readonly bytes: number;
  readonly mentions: readonly { readonly bucket: string; readonly key: string }[];
}

export function alertSentence({ rule, count, bytes, mentions: [first] }: AlertFacts): string {
  const example = first === undefined ? '' : `, first ${exampleOf(first)}`;
  const what = `${formatNumberOf(count, 'match', 'matches')} (${formatBytes(bytes)})`;
  return `Alert ${plainWords(rule, MAX_UPLOADER)} has ${what}${example}.`;
}

function exampleOf({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return `${plainWords(key, MAX_NAME)} in the bucket ${plainWords(bucket, MAX_BUCKET)}`;
}

interface DigestFacts {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly uploads: number;
  readonly bytes: number;
  readonly deletes: number;
}

export function digestSentence({ name, from, to, uploads, bytes, deletes }: DigestFacts): string {
  const counts = `${formatNumberOf(uploads, 'upload')} (${formatBytes(bytes)}) and ${formatNumberOf(deletes, 'delete')}`;
  return `Digest ${plainWords(name, MAX_UPLOADER)} has ${counts} from ${minuteOf(from)} to ${minuteOf(to)} UTC.`;
}

/** `2026-11-22 10.15`: a colon could begin the name of a picture in a chat. */
function minuteOf(time: string): string {
  return time.slice(0, 'yyyy-mm-ddThh:mm'.length).replace('T', ' ').replace(':', '.');
}
