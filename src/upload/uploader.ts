import type { UploaderSource } from '../contract/uploads.ts';
import type { EventRecord } from '../notification/event-record.ts';
import { type KeyTemplate, uploaderInKey } from '../shared/key-template.ts';

/**
 * UTF-16 units of an uploader: four times the longest session name that AWS allows. Only a path segment can be longer.
 * It is cut to exactly this length, so it can never be mistaken for a shorter name; the key has all of it.
 */
export const MAX_UPLOADER_LENGTH = 256;

/** The id of a role or an account, then the session's name. Source: "IAM JSON policy elements: Variables". */
const SESSION = /^(?:AROA[A-Z\d]*|\d{12}):(.+)$/s;

/** Who uploaded, and how that was found. */
interface Uploader {
  readonly uploader: string;
  readonly uploaderSource: UploaderSource;
}

/** What an upload's metadata say of its uploader. */
export interface UploaderInMetadata {
  /** Absent when the metadata name none, or when it is not known what they are. */
  readonly uploader?: string;
  /**
   * Whether S3 answered, and with metadata that provably belong to this upload. Otherwise the record must not replace
   * one that was made when it was known.
   */
  readonly isCertain: boolean;
}

/**
 * The uploader by the first of: the key template, the object's metadata, the name of the signer's session, the signer's
 * principal id. Undefined when none of them says more than white space.
 *
 * Behind a presigned URL the signer is the service that made the URL, never the person in the browser: only the key
 * template or metadata (or one session for each person) can name them. An untrusted value is kept as it is, control
 * characters included: it is data, and is escaped where it is shown.
 */
export function findUploader(event: EventRecord, template?: KeyTemplate, inMetadata?: string): Uploader | undefined {
  const principal = event.principalId?.replace(/^AWS:/, '');
  return (
    named(template && uploaderInKey(template, event.key), 'key-template') ??
    named(inMetadata, 'metadata') ??
    named(principal && SESSION.exec(principal)?.[1], 'session-name') ??
    named(principal, 'principal')
  );
}

function named(name: string | undefined, uploaderSource: UploaderSource): Uploader | undefined {
  if (name === undefined || name.trim() === '') return undefined;
  // Half a character at the cut could not be stored; the replacement keeps the length.
  return { uploader: name.slice(0, MAX_UPLOADER_LENGTH).toWellFormed(), uploaderSource };
}
