import fc from 'fast-check';
import { CATEGORIES, UPLOAD_STATUSES, UPLOADER_SOURCES } from '../../src/contract/uploads.ts';
import type { Upload } from '../../src/upload/upload.ts';

/** One seed for all properties: a failure on one machine is the same failure on every other. */
export const SEED = 20261122;

/** Any key that an S3 bucket can hold, the awkward ones often. Well-formed, 1 to about 100 characters. */
export function objectKeys(): fc.Arbitrary<string> {
  const awkward = fc.constantFrom(
    '/',
    '+',
    '%',
    '%2F',
    ' ',
    '&',
    '=',
    '?',
    '#',
    '"',
    '\\',
    '\n',
    '\u0000',
    '\u202e',
    'é',
    'e\u0301',
    '😀',
    '.',
  );
  const unit = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), awkward);
  return fc.array(unit, { minLength: 1, maxLength: 30 }).map((units) => units.join(''));
}

/** A sequencer as it comes out of parsing: upper-case hexadecimal of 16 to 40 digits, often with zeros at the end. */
export function sequencers(): fc.Arbitrary<string> {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), minLength: 16, maxLength: 30 });
  return fc.tuple(digits, fc.nat({ max: 10 })).map(([start, zeros]) => start + '0'.repeat(zeros));
}

/** Times that an event can have, in the one form that parsing gives them. */
export function eventTimes(): fc.Arbitrary<string> {
  const range = {
    min: new Date('1970-01-01T00:00:00.000Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  };
  return fc.date(range).map((date) => date.toISOString());
}

/** Any upload at all. Text is well-formed and not empty, as parsing leaves it. */
export function uploads(): fc.Arbitrary<Upload> {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  return fc.record(
    {
      bucket: fc.string({ unit: fc.constantFrom(...'abcxyz019.-'), minLength: 3, maxLength: 63 }),
      key: objectKeys(),
      filename: text,
      status: fc.constantFrom(...UPLOAD_STATUSES),
      eventName: text,
      eventTime: eventTimes(),
      category: fc.constantFrom(...CATEGORIES),
      size: fc.maxSafeNat(),
      eTag: text,
      versionId: fc.oneof(text, fc.constant('null')),
      sequencer: sequencers(),
      uploader: text,
      uploaderSource: fc.constantFrom(...UPLOADER_SOURCES),
      sourceIp: text,
      requestId: text,
      region: text,
      contentType: text,
    },
    { requiredKeys: ['bucket', 'key', 'filename', 'status', 'eventName', 'eventTime', 'category'] },
  );
}
