import { textFrom, unexpected } from './fields.ts';

/** Longest name that S3 ever allowed (us-east-1 before 2018); new ones have at most 63. */
const LONGEST = 255;

/**
 * The bucket's name. A slash is refused: no store allows one, and with it two different objects could share the
 * ledger's `<bucket>/<key>`.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function bucketNameFrom(value: unknown, path: string): string {
  const name = textFrom(value, path);
  return name.length <= LONGEST && !name.includes('/') ? name : unexpected(path, 'a bucket name', value);
}
