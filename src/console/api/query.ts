import type { RecordFilters } from '../../ledger/read/query.ts';
import { CATEGORIES } from '../../upload/category.ts';
import { UPLOAD_STATUSES } from '../../upload/upload.ts';
import { BadRequestError } from '../server/exchange.ts';

/** The parameter, or `undefined` when it is absent or empty, as the fields of a form are. */
export function optionalText(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** @throws BadRequestError when the parameter is absent or empty. */
export function requiredText(query: URLSearchParams, name: string): string {
  const value = optionalText(query, name);
  if (value === undefined) throw new BadRequestError(`Expected a value for "${name}".`);
  return value;
}

/** @throws BadRequestError when the parameter is there and is no time that JavaScript reads. */
export function optionalTime(query: URLSearchParams, name: string): Date | undefined {
  const text = optionalText(query, name);
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new BadRequestError(`Expected an ISO 8601 time as "${name}".`);
  return time;
}

/** @throws BadRequestError when a category or status is none. */
export function toFilters(query: URLSearchParams): RecordFilters {
  const prefix = optionalText(query, 'prefix');
  const uploader = optionalText(query, 'uploader');
  const category = oneOf(query, 'category', CATEGORIES);
  const status = oneOf(query, 'status', UPLOAD_STATUSES);
  return {
    ...(prefix !== undefined && { prefix }),
    ...(uploader !== undefined && { uploader }),
    ...(category !== undefined && { category }),
    ...(status !== undefined && { status }),
  };
}

function oneOf<Value extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const text = optionalText(query, name);
  const value = allowed.find((one) => one === text);
  if (text === undefined || value !== undefined) return value;
  throw new BadRequestError(`Expected "${name}" to be one of ${allowed.join(', ')}.`);
}
