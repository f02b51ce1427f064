import type { S3Refusal } from './s3-refusal.ts';

/** Greatest lifetime of a presigned URL, in seconds (S3 API Reference, "Authenticating Requests: Using Query Parameters"). */
const LONGEST_LIFETIME = 7 * 24 * 60 * 60;

/** Why a presigned URL does not hold at `now` (milliseconds since 1970); undefined when it does, or there is none. */
export function presignedRefusal(query: Readonly<Record<string, string>>, now: number): S3Refusal | undefined {
  if (query['X-Amz-Algorithm'] !== undefined) return signatureV4Refusal(query, now);
  const isV2 = query.AWSAccessKeyId !== undefined && query.Signature !== undefined;
  return isV2 ? expiryRefusal(Number(query.Expires) * 1000, now) : undefined;
}

function signatureV4Refusal(query: Readonly<Record<string, string>>, now: number): S3Refusal | undefined {
  const signedAt = parseAmzDate(query['X-Amz-Date'] ?? '');
  const lifetime = /^\d{1,6}$/.test(query['X-Amz-Expires'] ?? '') ? Number(query['X-Amz-Expires']) : Number.NaN;
  if (signedAt === undefined || !(lifetime <= LONGEST_LIFETIME)) {
    return {
      status: 400,
      code: 'AuthorizationQueryParametersError',
      message: `X-Amz-Date must be like 20260131T235959Z and X-Amz-Expires from 0 to ${LONGEST_LIFETIME} seconds.`,
    };
  }
  return expiryRefusal(signedAt + lifetime * 1000, now);
}

function expiryRefusal(expiresAt: number, now: number): S3Refusal | undefined {
  if (now <= expiresAt) return undefined;
  const expires = Number.isFinite(expiresAt) ? { Expires: new Date(expiresAt).toISOString() } : {};
  return {
    status: 403,
    code: 'AccessDenied',
    message: 'Request has expired',
    details: { ...expires, ServerTime: new Date(now).toISOString() },
  };
}

/** `20260131T235959Z` as milliseconds since 1970. */
function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/**
 * User metadata that a presigned URL carries in its query, as the headers that they stand for.
 *
 * SDKs hoist `x-amz-meta-*` headers into the query. Values outside ASCII become RFC 2047 encoded words, as S3 hands them
 * out ("Working with object metadata"); a header could not carry them otherwise.
 */
export function hoistedMetadata(query: Readonly<Record<string, string>>): Record<string, string> {
  const metadata = Object.entries(query).filter(([name]) => /^x-amz-meta-[\w.-]+$/i.test(name));
  return Object.fromEntries(metadata.map(([name, value]) => [name.toLowerCase(), encodedWord(value)]));
}

function encodedWord(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
