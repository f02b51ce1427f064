import type { EventRecord } from '../notification/notification.ts';
import { type KeyTemplate, uploaderInKey } from '../shared/key-template.ts';
import type { UploaderSource } from './upload.ts';

/**
 * Longest uploader, in UTF-16 units: four times the longest session name that AWS allows. Only a path segment can be
 * longer; it is cut, the whole of it stands in the key. A cut name has exactly this length, so it can never pass for
 * somebody's short one.
 */
export const LONGEST_UPLOADER = 256;

/**
 * The role's or the account's id, then the name that the caller gave the session (AWS: "IAM JSON policy elements:
 * Variables").
 */
const SESSION = /^(?:AROA[A-Z\d]*|\d{12}):(.+)$/s;

/** Who uploaded, and how that was found. */
export interface Uploader {
  readonly uploader: string;
  readonly uploaderSource: UploaderSource;
}

/**
 * The uploader by the first of: the key template, the object's metadata, the name of the signer's session, the signer's principal id.
 * Undefined when all of them are silent; white space alone is silence.
 *
 * Behind a presigned URL the signer is the service that made the URL, never the person in the browser: only the key
 * template or metadata (or a session a person) can name them. A hostile value is kept as it is, control characters included: it is
 * data, and is escaped where it is shown.
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
  return { uploader: cut(name), uploaderSource };
}

function cut(name: string): string {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: a short cut; what is short enough is cut to itself.
  if (name.length <= LONGEST_UPLOADER) return name;
  const start = name.slice(0, LONGEST_UPLOADER);
  // Half a character at the cut could not be stored; the replacement keeps the length.
  return start.toWellFormed();
}
