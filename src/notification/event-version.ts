import { described } from './described.ts';
import { UnreadableMessageError } from './unreadable.ts';

/**
 * AWS's rule for both event structures: the major version must be equal, since only a major version changes what fields
 * mean; a higher minor version adds fields, which are ignored. Absent is accepted: older EventBridge events carry none.
 *
 * @throws {UnreadableMessageError} with reason `unsupported-version`.
 */
export function checkMajorVersion(value: unknown, major: number, path: string): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && /^\d{1,4}\.\d{1,4}$/.test(value) && Number.parseInt(value, 10) === major) return;
  const detail = `expected ${path} to be ${major}.x, got ${described(value)}`;
  throw new UnreadableMessageError('unsupported-version', detail);
}
