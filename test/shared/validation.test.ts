import { describe, expect, it } from 'vitest';
import {
  isEmailAddress,
  quoted,
  recipientsIssue,
  settingNameIssue,
  timeZoneIssue,
} from '../../src/shared/validation.ts';

describe('an email address', () => {
  it.each([
    'team@example.com',
    'first.last+tag@mail.example.co.uk',
    "o'brien@example.com",
    'a@xn--bcher-kva.example',
    `${'a'.repeat(64)}@example.com`,
    `a@${'b'.repeat(63)}.com`,
    'a@3com.com',
  ])('is %s', (address) => {
    expect(isEmailAddress(address)).toBe(true);
  });

  it.each([
    '',
    'team',
    'team@',
    '@example.com',
    'team@localhost',
    'a@b@example.com',
    'Team <team@example.com>',
    '"a b"@example.com',
    'a b@example.com',
    'a@example.com,b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com\n',
    'a@-example.com',
    'a@example..com',
    'bücher@example.com',
    'a@bücher.example',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(250)}.com`,
    'a..b@example.com',
    '.a@example.com',
    'a.@example.com',
    `a@${'b'.repeat(64)}.com`,
    'a@1.2.3.4',
    42,
    null,
  ])('is not %j', (address) => {
    expect(isEmailAddress(address)).toBe(false);
  });

  it('is checked in linear time, however long the text', () => {
    expect(isEmailAddress(`a@${'b-'.repeat(100_000)}`)).toBe(false);
  });
});

describe('recipients', () => {
  it('are up to 50 addresses', () => {
    const addresses = (count: number) => Array.from({ length: count }, (_, at) => `user${at}@example.com`);
    expect(recipientsIssue(addresses(50))).toBeUndefined();
    expect(recipientsIssue(addresses(51))).toBe('expected an array of 1 to 50 email addresses, got 51 of them');
    expect(recipientsIssue('a@example.com')).toContain('got "a@example.com"');
  });

  it.each([
    ['.a@example.com', 'the part before the @ begins or ends with a dot, or has two in a row'],
    ['a..b@example.com', 'the part before the @ begins or ends with a dot, or has two in a row'],
    [`a@${'b'.repeat(64)}.com`, 'a part of the domain is longer than 63 characters'],
    ['a@1.2.3.4', 'the domain ends with a number'],
  ])('are refused with the reason for which SES would refuse them: %s', (address, reason) => {
    expect(recipientsIssue(['a@example.com', address])).toMatch(new RegExp(`^expected plain email .*: ${reason}$`));
  });
});

describe('a name', () => {
  it('is what a key of the table and a resource can hold', () => {
    expect(settingNameIssue('Daily_1-a')).toBeUndefined();
    for (const name of ['', 'a b', 'a/b', 'a#b', 'ä', 'a'.repeat(65), 'daily\n', undefined]) {
      expect(settingNameIssue(name), String(name)).toContain('expected 1 to 64 letters');
    }
  });
});

describe('a time zone', () => {
  it('is one that the runtime knows', () => {
    expect(timeZoneIssue('Europe/Berlin')).toBeUndefined();
    expect(timeZoneIssue('UTC')).toBeUndefined();
    expect(timeZoneIssue('Europe/Bonn')).toBe('expected an IANA time zone such as Europe/Berlin, got "Europe/Bonn"');
    expect(timeZoneIssue(undefined)).toContain('got nothing');
  });
});

describe('a value in an issue', () => {
  it('is short, and fit for a log line and an SQS message attribute', () => {
    expect(quoted('x'.repeat(1000))).toHaveLength(63);
    expect(quoted(`${'x'.repeat(58)}😀😀`).isWellFormed()).toBe(true);
    expect(quoted('\u0000\r\n\u007f\ufffe\ud800')).toBe('"\\u0000\\r\\n\ufffd\ufffd\\ud800"');
  });
});
