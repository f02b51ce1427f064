import { BODY_MARK, SECRETS } from '../secrets.ts';
import type { Violation } from '../violation.ts';

/** Words that stand in every S3 event after its first 200 characters, and so in a log that repeats whole events. */
const EVENT_MARKS = ['ownerIdentity', 's3SchemaVersion'];
const FORBIDDEN = [BODY_MARK, SECRETS.secretAccessKey, SECRETS.sessionToken, 'AWS4-HMAC-SHA256', ...EVENT_MARKS];

/**
 * Looks for what no line of the log may hold: secrets, and bodies beyond their first 200 characters. And every line that the function
 * wrote itself must be one JSON object: what a sender puts into a message can then begin no line of its own.
 */
export function checkLog(lines: readonly string[]): readonly Violation[] {
  const leaks = FORBIDDEN.flatMap((word) => {
    const line = lines.find((text) => text.includes(word));
    return line === undefined ? [] : [{ what: `the log holds ${word}: ${line.slice(0, 300)}` }];
  });
  const forged = lines.find((text) => /^\s*\{.*"forged"/.test(text) && !/"message":/.test(text));
  return forged === undefined ? leaks : [...leaks, { what: `somebody else wrote a line of the log: ${forged}` }];
}
