import { unexpected } from './fields.ts';

const LONGEST = 128;

/**
 * The event's name without the `s3:` prefix that MinIO and older Ceph write: `ObjectCreated:Put`. Names nobody knows
 * yet pass, so that they can be counted; only the form is checked: words joined by colons.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function eventNameFrom(value: unknown, path: string): string {
  if (typeof value === 'string' && value.length <= LONGEST) {
    const name = value.startsWith('s3:') ? value.slice(3) : value;
    if (/^[A-Za-z][\w-]*(?::[\w-]+)*$/.test(name)) return name;
  }
  return unexpected(path, 'an event name such as ObjectCreated:Put', value);
}
