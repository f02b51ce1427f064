import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../src/contract/uploads.ts';
import { alertRulesIssues } from '../../src/shared/alert-rules.ts';

const RULE = { name: 'invoices', recipients: ['books@example.com'], prefix: 'invoices/' };
const DELETES = { name: 'deletes', recipients: ['ops@example.com'], status: 'deleted' };
const issues = (...rules: unknown[]) => alertRulesIssues(rules, { categories: CATEGORIES });

describe('alertRulesIssues', () => {
  it('has nothing against any condition, a status included', () => {
    const conditions = { suffix: '.pdf', category: 'document', uploader: 'alice', minimumBytes: 0 };
    const all = { ...RULE, ...conditions, timeZone: 'Europe/Berlin' };
    expect(issues(all, DELETES, { name: 'all', recipients: ['ops@example.com'], everything: true })).toEqual([]);
  });

  it.each([
    [{}, /^expected an array of at most 20 rules, got \{\}$/],
    [Array(21).fill(RULE), /at most 20 rules, got 21/],
  ])('refuses %j', (value, message) => {
    expect(alertRulesIssues(value, { categories: CATEGORIES }).join()).toMatch(message);
  });

  it.each([
    ['null', null, 'rule 1: expected an object, got null'],
    ['no name', { ...RULE, name: undefined }, 'rule 1: name: expected 1 to 64 letters'],
    ['no recipient', { ...RULE, recipients: [] }, 'rule 1: recipients: expected an array of 1 to 50'],
    ['no condition', { ...RULE, prefix: undefined }, 'rule 1: expected one of prefix, suffix, category'],
    ['an empty prefix', { ...RULE, prefix: '' }, 'rule 1: prefix: expected a string that is not empty, got ""'],
    ['an unknown category', { ...RULE, category: 'pdf' }, 'rule 1: category: expected image, video, audio'],
    ['half a byte', { ...RULE, minimumBytes: 0.5 }, 'rule 1: minimumBytes: expected a whole number of bytes'],
    ['everything: false', { ...RULE, prefix: undefined, everything: false }, 'rule 1: everything: expected true'],
    ['everything and more', { ...RULE, everything: true }, 'rule 1: everything: expected no other condition'],
    [
      'an upload’s status',
      { ...RULE, status: 'uploaded' },
      'rule 1: status: expected deleted, or no status for uploads',
    ],
    ['everything and deletes', { ...DELETES, everything: true }, 'rule 1: everything: expected no other condition'],
    ['a size of deletes', { ...DELETES, minimumBytes: 1 }, 'rule 1: minimumBytes: expected none beside a status'],
    ['an unknown condition', { ...RULE, bucket: 'acme' }, 'rule 1: "bucket": expected no such field'],
    ['a time zone that is no text', { ...RULE, timeZone: 1 }, 'rule 1: timeZone: expected a string'],
  ])('refuses a rule with %s', (_, rule, fault) => {
    expect(issues(rule).join('; ')).toContain(fault);
  });

  it('needs different names, which metrics and emails use', () => {
    expect(issues(RULE, { ...RULE, prefix: 'x' })).toEqual([
      'name: expected a different one for each rule, got "invoices" twice',
    ]);
  });

  it('reports everything that is wrong at once', () => {
    expect(issues({ ...RULE, recipients: ['x'] }, { ...RULE, name: 'two', suffix: 3 })).toEqual([
      expect.stringMatching(/^rule 1: recipients/),
      expect.stringMatching(/^rule 2: suffix/),
    ]);
  });
});
