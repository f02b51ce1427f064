import { UploadLedgerError } from '../shared/errors.ts';
import { type Check, type Checks, fieldIssues, optional, quoted } from '../shared/validation.ts';

/** What was asked for cannot be answered as it was asked. `message` names everything that is wrong with it. */
export class LedgerQueryError extends UploadLedgerError {
  override readonly name = 'LedgerQueryError';

  constructor(what: string, issues: readonly string[]) {
    super('invalid-query', `${what}: ${issues.join('; ')}`);
  }
}

/** @throws {LedgerQueryError} that names every field of `given` that is wrong or unknown. */
export function checkFields(what: string, given: object, checks: Checks): void {
  const issues = fieldIssues({ ...given }, checks);
  if (issues.length > 0) throw new LedgerQueryError(what, issues);
}

export const aText: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : `expected a text that is not empty, got ${quoted(value)}`;

const aDate: Check = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : `expected a valid Date, got ${quoted(value)}`;

export const aSignal: Check = (value) =>
  value instanceof AbortSignal ? undefined : `expected an AbortSignal, got ${quoted(value)}`;

export function aWholeNumber(min: number, max: number): Check {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `expected a whole number ${range}, got ${quoted(value)}`;
}

export function oneOf(values: readonly string[]): Check {
  return (value) =>
    values.some((one) => one === value) ? undefined : `expected one of ${values.join(', ')}, got ${quoted(value)}`;
}

/** Fields of a time range, and what every read may be stopped by. */
export const RANGE_CHECKS: Checks = { since: optional(aDate), until: optional(aDate), signal: optional(aSignal) };
