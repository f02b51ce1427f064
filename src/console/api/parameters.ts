import { CATEGORIES, UPLOAD_STATUSES } from '../../contract/uploads.ts';
import { DEAD_LETTER_REASONS } from '../../dead-letters/dead-letter.ts';
import type { DeadLetterFilters } from '../../dead-letters/filters.ts';
import type { RecordFilters } from '../../ledger/read/query.ts';
import type { UploadRequest } from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';

/** The parameter; undefined when it is absent or empty, as the fields of a form are. */
export function optionalText(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** @throws BadRequestError when the parameter is absent or empty. */
export function requiredText(query: URLSearchParams, name: string): string {
  const value = optionalText(query, name);
  if (value === undefined) throw new BadRequestError(`Expected a value for "${name}".`);
  return value;
}

/** Times of the ledger have four digits for the year, and are compared as texts. */
const MAX_YEAR = 9999;

/** @throws BadRequestError when the parameter is there and is no time that JavaScript reads, or of a later year. */
export function optionalTime(query: URLSearchParams, name: string): Date | undefined {
  const text = optionalText(query, name);
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!(time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= MAX_YEAR)) {
    throw new BadRequestError(`Expected an ISO 8601 time as "${name}".`);
  }
  return time;
}

/** As long as the local stack keeps metrics. */
const MAX_HOURS = 14 * 24;

/** @throws BadRequestError when the parameter is there and is no whole number of hours, 1 to those of 14 days. */
export function optionalHours(query: URLSearchParams, name: string): number | undefined {
  const text = optionalText(query, name);
  if (text === undefined) return undefined;
  const hours = Number(text);
  if (!/^\d+$/.test(text) || hours < 1 || hours > MAX_HOURS) {
    throw new BadRequestError(`Expected "${name}" to be a whole number from 1 to ${MAX_HOURS}.`);
  }
  return hours;
}

/** @throws BadRequestError when a category or status is unknown. */
export function toFilters(query: URLSearchParams): RecordFilters {
  const bucket = optionalText(query, 'bucket');
  const prefix = optionalText(query, 'prefix');
  const contains = optionalText(query, 'part');
  const uploader = optionalText(query, 'uploader');
  const category = oneOf(query, 'category', CATEGORIES);
  const status = oneOf(query, 'status', UPLOAD_STATUSES);
  return {
    ...(bucket !== undefined && { bucket }),
    ...(prefix !== undefined && { prefix }),
    ...(contains !== undefined && { contains }),
    ...(uploader !== undefined && { uploader }),
    ...(category !== undefined && { category }),
    ...(status !== undefined && { status }),
  };
}

/** @throws BadRequestError when a reason or a time is none, or the range ends before it begins. */
export function toDeadLetterFilters(query: URLSearchParams): DeadLetterFilters {
  const reason = oneOf(query, 'reason', DEAD_LETTER_REASONS);
  const contains = optionalText(query, 'text');
  const { since, until } = optionalRange(query);
  return {
    ...(reason !== undefined && { reason }),
    ...(contains !== undefined && { contains }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

/** @throws BadRequestError when a time is none, or the range ends before it begins. */
export function optionalRange(query: URLSearchParams): { readonly since?: Date; readonly until?: Date } {
  const since = optionalTime(query, 'since');
  const until = optionalTime(query, 'until');
  if (since !== undefined && until !== undefined && since >= until) {
    throw new BadRequestError(`Expected From (${since.toISOString()}) to be before Until (${until.toISOString()}).`);
  }
  return { ...(since && { since }), ...(until && { until }) };
}

/** @throws BadRequestError when the parameter is there and is none of `allowed`. */
export function oneOf<Value extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const text = optionalText(query, name);
  const value = allowed.find((one) => one === text);
  if (text === undefined || value !== undefined) return value;
  throw new BadRequestError(`Expected "${name}" to be one of ${allowed.join(', ')}.`);
}

/** URLs of one request. */
const MAX_UPLOADS = 500;

/** Source: S3 user guide, "Creating object key names". */
const MAX_KEY_BYTES = 1024;

/** As an access key id, which the local stack takes for the uploader's name. */
const UPLOADER = /^[\w.@+-]{1,64}$/;

/** @throws BadRequestError when something that is asked for cannot be signed. */
export function parseUploads({ uploads }: Readonly<Record<string, unknown>>): UploadRequest[] {
  if (!Array.isArray(uploads) || uploads.length > MAX_UPLOADS) {
    throw new BadRequestError(`Expected "uploads" to be an array of at most ${MAX_UPLOADS}.`);
  }
  return uploads.map(parseUpload);
}

function parseUpload(value: unknown): UploadRequest {
  const { key, uploader } = { ...(value as Partial<Record<keyof UploadRequest, unknown>>) };
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES || !key.isWellFormed()) {
    throw new BadRequestError(`Expected each key to be a text of 1 to ${MAX_KEY_BYTES} bytes.`);
  }
  // A browser drops such a segment from every URL: the object would get another key, or the signature would not match.
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new BadRequestError('Expected no key with a segment "." or "..": browsers cannot upload it.');
  }
  if (typeof uploader !== 'string' || !UPLOADER.test(uploader)) {
    throw new BadRequestError('Expected each uploader to be 1 to 64 letters, digits and . _ @ + -');
  }
  return { key, uploader };
}
